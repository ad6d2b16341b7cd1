package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Threads of a rule's own, for what may block and for what happens at the same time. */
final class Background {
    private Background() {}

    /** Does something on a thread of its own; the common pool may have but one. */
    static CompletableFuture<Void> run(Runnable task) {
        return CompletableFuture.runAsync(task, Background::start);
    }

    /** As {@link #run}, with a result. */
    static <T> CompletableFuture<T> supply(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, Background::start);
    }

    /** Does something on so many threads that begin together, and waits for all of them; each is told its number. */
    static void together(int threads, Timing timing, IntConsumer task) throws InterruptedException {
        CountDownLatch begin = new CountDownLatch(1);
        CountDownLatch left = new CountDownLatch(threads);
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int number = i;
            start(() -> {
                try {
                    begin.await();
                    task.accept(number);
                } catch (Throwable failure) {
                    synchronized (failures) {
                        failures.add(failure);
                    }
                } finally {
                    left.countDown();
                }
            });
        }
        begin.countDown();
        boolean ended = left.await(6 * timing.signal().toMillis(), TimeUnit.MILLISECONDS);
        synchronized (failures) {
            assertThat(failures).isEmpty();
        }
        assertThat(ended)
                .as("%s of %s threads have not ended", left.getCount(), threads)
                .isTrue();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "conformance-background");
        thread.setDaemon(true);
        thread.start();
    }
}
