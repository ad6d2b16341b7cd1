package dev.antiphon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LineLogTest {

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void close_withLinesQueued_printsThemInOrder() {
        try (LineLog log = new LineLog(new PrintStream(printed, true, UTF_8))) {
            for (int i = 0; i < 100; i++) {
                log.line("line " + i);
            }
        }
        assertThat(printed.toString(UTF_8))
                .startsWith("line 0\nline 1\n")
                .endsWith("line 99\n")
                .hasLineCount(100);
    }

    @Test
    void line_whenTheStreamIsStuck_returnsAndCountsWhatItLeavesOut() {
        CountDownLatch stuck = new CountDownLatch(1);
        PrintStream stream = new PrintStream(blockedUntil(stuck), true, UTF_8);
        LineLog log = new LineLog(stream);
        for (int i = 0; i < 5_000; i++) {
            log.line("line");
        }
        stuck.countDown();
        log.close();
        assertThat(printed.toString(UTF_8)).containsPattern("\\.\\.\\. [34]\\d{3} lines left out\n$");
    }

    private OutputStream blockedUntil(CountDownLatch latch) {
        return new OutputStream() {
            @Override
            public void write(int b) {
                try {
                    latch.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                printed.write(b);
            }
        };
    }
}
