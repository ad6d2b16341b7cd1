package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program that is run to its end for what it prints. */
final class Command {
    private static final int LIMIT_SECONDS = 60;

    private Command() {}

    /**
     * Runs it.
     *
     * @param title what it is called in messages, which do not repeat the arguments: a password may be among them
     * @param input what it reads
     */
    static String run(String title, List<String> command, String input) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            // Read meanwhile: a program that cannot print does not end.
            CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> output(process));
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(UTF_8));
            } catch (IOException e) {
                // It did not want to read; what it prints says why.
            }
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new BrokerException(title + " did not end within " + LIMIT_SECONDS + " seconds");
            }
            return checked(title, process.exitValue(), output.join());
        } catch (IOException e) {
            throw new BrokerException("cannot run " + title + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw BrokerException.interrupted("running " + title, e);
        }
    }

    /** The output of a program that ended well. */
    static String checked(String title, int exitCode, String output) {
        if (exitCode != 0) {
            throw new BrokerException(title + " failed with exit code " + exitCode + ":\n" + output.strip());
        }
        return output;
    }

    private static String output(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }
}
