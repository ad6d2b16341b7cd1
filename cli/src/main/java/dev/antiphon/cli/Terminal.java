package dev.antiphon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import picocli.CommandLine.Help.Ansi;

/**
 * The three streams of a process and what they are connected to. Results go to {@code out}, everything else to
 * {@code err}.
 *
 * @param interactive whether a human looks at it, so that a line may be redrawn
 * @param ansi whether colour is wanted
 */
record Terminal(InputStream in, PrintStream out, PrintStream err, boolean interactive, Ansi ansi) {

    /** The streams of this process, in UTF-8 whatever the locale says. */
    static Terminal ofProcess() {
        return new Terminal(
                System.in, stream(FileDescriptor.out), stream(FileDescriptor.err), isInteractive(), Ansi.AUTO);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new BufferedOutputStream(new FileOutputStream(descriptor), 1 << 14), true, UTF_8);
    }

    /** Since JDK 22 there is a console without a terminal too; it tells by a method that 17 does not have. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isInteractive() {
        Console console = System.console();
        if (console == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException beforeJdk22) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Text in picocli's markup, such as {@code @|bold text|@}, with or without colour. */
    String markup(String text) {
        return ansi.string(text);
    }
}
