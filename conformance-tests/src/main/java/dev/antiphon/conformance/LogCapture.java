package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is logged at WARN and above, by us or by a native client, until it is closed: what SLF4J writes to the console, and
 * what goes to java.util.logging. It proves that it sees SLF4J's warnings, so that silence means something.
 */
final class LogCapture implements AutoCloseable {
    private static final Logger ROOT = Logger.getLogger("");

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final List<String> records = new CopyOnWriteArrayList<>();
    private final Handler handler = new Records();

    private LogCapture() {
        PrintStream stream = new PrintStream(console, true, StandardCharsets.UTF_8);
        System.setOut(stream);
        System.setErr(stream);
        ROOT.addHandler(handler);
    }

    static LogCapture open() {
        LogCapture capture = new LogCapture();
        try {
            LoggerFactory.getLogger(LogCapture.class).warn("a warning");
            assertThat(capture.warnings())
                    .as("warnings seen; with an SLF4J binding that writes to the console, such as slf4j-simple")
                    .hasSize(1);
            capture.console.reset();
            return capture;
        } catch (AssertionError e) {
            capture.close();
            throw e;
        }
    }

    /** What was logged so far at WARN and above. */
    List<String> warnings() {
        List<String> lines = new CopyOnWriteArrayList<>(records);
        console.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.matches(".*\\b(WARN|WARNING|ERROR|SEVERE)\\b.*"))
                .forEach(lines::add);
        return lines;
    }

    @Override
    public void close() {
        System.setOut(out);
        System.setErr(err);
        ROOT.removeHandler(handler);
    }

    private final class Records extends Handler {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() > Level.INFO.intValue()) {
                records.add(entry.getLevel() + " " + entry.getLoggerName() + ": " + entry.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
