package dev.antiphon.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MeasurementTest {

    private static final Duration SHORT = Duration.ofMillis(60);

    private final ExecutorService otherThread = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        otherThread.shutdownNow();
    }

    @Test
    void run_callbacks_keepsSoManyInFlightAndReportsThem() throws Exception {
        InFlight requester = new InFlight();
        AtomicInteger edges = new AtomicInteger();
        Sample sample = measure(new Cell(8, 100, false), requester, edges);
        assertThat(requester.most).isEqualTo(8);
        assertThat(requester.pending).hasValue(0);
        assertThat(edges).hasValue(2);
        assertThat(sample.requests()).isPositive().isLessThanOrEqualTo(requester.sent.get());
        assertThat(sample.nanos()).isGreaterThanOrEqualTo(SHORT.toNanos());
        assertThat(sample.p50()).isPositive().isLessThanOrEqualTo(sample.p99());
        assertThat(sample.p99()).isLessThanOrEqualTo(sample.p999());
        assertThat(sample.cpuNanos()).isPositive();
    }

    @Test
    void run_blocking_countsTheCalls() throws Exception {
        InFlight requester = new InFlight();
        Sample sample = measure(new Cell(2, 10, true), requester, new AtomicInteger());
        assertThat(sample.requests()).isPositive().isLessThanOrEqualTo(requester.called.get());
    }

    @Test
    void run_requesterThatAllocates_reportsTheBytes() throws Exception {
        InFlight requester = new InFlight();
        requester.garbage = 100_000;
        Sample sample = measure(new Cell(1, 0, false), requester, new AtomicInteger());
        // The windows of the two counts differ by the requests at their edges.
        assertThat((double) sample.bytes() / sample.requests()).isBetween(90_000.0, 130_000.0);
        assertThat(sample.bytesExact()).isEqualTo(1);
    }

    @Test
    void run_replyOfAnotherSize_fails() {
        InFlight requester = new InFlight();
        requester.excess = 1;
        assertThatThrownBy(() -> measure(new Cell(4, 10, false), requester, new AtomicInteger()))
                .isInstanceOf(LoadFailure.class)
                .hasMessageContaining("11 bytes instead of 10");
        assertThatThrownBy(() -> measure(new Cell(1, 10, true), requester, new AtomicInteger()))
                .isInstanceOf(LoadFailure.class)
                .hasMessageContaining("11 bytes instead of 10");
    }

    @Test
    void run_senderThrows_fails() {
        otherThread.shutdownNow();
        assertThatThrownBy(() -> measure(new Cell(4, 10, false), new InFlight(), new AtomicInteger()))
                .isInstanceOf(LoadFailure.class)
                .hasMessageContaining("RejectedExecutionException");
    }

    @Test
    void finish_replyNeverComes_saysHowMany() throws Exception {
        ClosedLoop loop = new ClosedLoop(new Silent(), new Cell(3, 10, false), Duration.ofMillis(20));
        loop.enter(Phase.STOP);
        assertThatThrownBy(loop::finish).isInstanceOf(LoadFailure.class).hasMessageContaining("3 requests");
    }

    private static Sample measure(Cell cell, Requester requester, AtomicInteger edges) throws InterruptedException {
        return new Measurement(cell, SHORT, SHORT).run(requester, edges::incrementAndGet);
    }

    /** Answers on another thread and watches how many are in flight. */
    private final class InFlight implements Requester {

        private final AtomicInteger pending = new AtomicInteger();
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicInteger called = new AtomicInteger();
        private volatile int most;
        private volatile int excess;
        private volatile int garbage;
        /** Where garbage can be seen: the compiler would leave out what nobody sees. */
        private volatile byte[] heap = {};

        @Override
        public Runnable sender(byte[] body, Answer answer) {
            return () -> {
                sent.incrementAndGet();
                most = Math.max(most, pending.incrementAndGet());
                otherThread.execute(() -> {
                    pending.decrementAndGet();
                    heap = new byte[garbage];
                    answer.replied(body.length + excess);
                });
            };
        }

        @Override
        public int call(byte[] body) {
            called.incrementAndGet();
            return body.length + excess;
        }
    }

    private static final class Silent implements Requester {

        @Override
        public Runnable sender(byte[] body, Answer answer) {
            return () -> {};
        }

        @Override
        public int call(byte[] body) {
            throw new UnsupportedOperationException();
        }
    }
}
