package dev.antiphon.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.AntiphonException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeliveryQueueTest {

    private final List<AntiphonException> errors = new CopyOnWriteArrayList<>();
    private final AtomicInteger ends = new AtomicInteger();
    /** The thread of another test may not have ended yet. */
    private final String name = "queue-under-test-" + UUID.randomUUID();

    private final DeliveryQueue queue = new DeliveryQueue(name, errors::add, queue -> ends.incrementAndGet());

    @Test
    void deliveries_runInOrder_alsoAfterTheThreadWasIdle() throws InterruptedException {
        List<Integer> ran = new CopyOnWriteArrayList<>();
        queue.add(() -> ran.add(0));
        await().untilAsserted(() -> assertThat(ran).hasSize(1));
        await().atMost(Duration.ofSeconds(20)).until(() -> threads() == 0);
        IntStream.range(1, 1000).forEach(i -> queue.add(() -> ran.add(i)));
        CountDownLatch ended = new CountDownLatch(1);
        queue.end(ended::countDown);
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(ran)
                .containsExactlyElementsOf(IntStream.range(0, 1000).boxed().toList());
        await().untilAsserted(() -> assertThat(ends).hasValue(1)); // told after those who wait for the end
    }

    @Test
    void end_ofAQueueThatNeverRan_endsAtOnceAndWithoutAThread() {
        AtomicInteger called = new AtomicInteger();
        queue.end(called::incrementAndGet);
        assertThat(called).hasValue(1);
        assertThat(threads()).isZero();
    }

    @Test
    void abandon_dropsWhatWaitsAndEndsAfterTheOneThatRuns() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        List<String> ran = new ArrayList<>();
        queue.add(() -> {
            running.countDown();
            awaitLatch(release);
            ran.add("first");
        });
        queue.add(() -> ran.add("second"));
        assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
        queue.abandon();
        assertThat(queue.ended()).isNotDone();
        release.countDown();
        assertThat(queue.ended()).succeedsWithin(Duration.ofSeconds(10));
        queue.add(() -> ran.add("late"));
        await().until(() -> threads() == 0); // told before it has ended
        assertThat(ran).containsExactly("first");
    }

    @Test
    void delivery_thatThrows_isReportedAndTheNextRuns() {
        AtomicInteger ran = new AtomicInteger();
        queue.add(() -> {
            throw new IllegalStateException("boom");
        });
        queue.add(ran::incrementAndGet);
        await().untilAsserted(() -> assertThat(ran).hasValue(1));
        assertThat(errors).hasSize(1);
        queue.abandon();
    }

    private long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .count();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
