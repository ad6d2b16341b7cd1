package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Short tasks, failing tasks, and the life of the pool's threads. Nobody ticks here. */
class WorkerPoolTest {

    @Test
    void execute_singleTasks_startAtOnce() throws Exception {
        try (TickedPool ticked = TickedPool.unticked("single", 16)) {
            List<Long> delays = new ArrayList<>();
            for (int i = 0; i < 101; i++) {
                CompletableFuture<Long> started = new CompletableFuture<>();
                long submitted = System.nanoTime();
                ticked.pool.execute(() -> started.complete(System.nanoTime()));
                delays.add(started.get(10, TimeUnit.SECONDS) - submitted);
            }
            Collections.sort(delays);
            assertThat(Duration.ofNanos(delays.get(50))).as("median").isLessThan(Duration.ofMillis(5));
        }
    }

    @Test
    void execute_millionTasksFromThreeThreads_runsEach() throws Exception {
        try (TickedPool ticked = TickedPool.unticked("million", 16)) {
            LongAdder run = new LongAdder();
            for (int round = 1; round <= 5; round++) {
                List<CompletableFuture<Void>> submitters = new ArrayList<>();
                for (int thread = 0; thread < 3; thread++) {
                    submitters.add(Background.run(() -> {
                        for (int i = 0; i < 70_000; i++) {
                            ticked.pool.execute(run::increment);
                        }
                    }));
                }
                CompletableFuture.allOf(submitters.toArray(new CompletableFuture<?>[0]))
                        .get(30, TimeUnit.SECONDS);
                long expected = round * 210_000L;
                Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> run.sum() == expected);
            }
        }
    }

    @Test
    void execute_oneByOneWhileWorkersFallAsleep_losesNoWakeUp() {
        try (TickedPool ticked = TickedPool.unticked("one-by-one", 16)) {
            AtomicInteger run = new AtomicInteger();
            for (int i = 1; i <= 50_000; i++) {
                ticked.pool.execute(run::incrementAndGet);
                // Submit the next one right after this one has run: just when its worker looks for more.
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                while (run.get() < i) {
                    assertThat(System.nanoTime() - end)
                            .as("task %d never ran", i)
                            .isNegative();
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Test
    void execute_tasksSubmittingTasks_runsEach() throws Exception {
        try (TickedPool ticked = TickedPool.unticked("tree", 16)) {
            CountDownLatch leaves = new CountDownLatch(1 << 14);
            split(ticked.pool, 14, leaves);
            assertThat(leaves.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void split(WorkerPool pool, int depth, CountDownLatch leaves) {
        if (depth == 0) {
            leaves.countDown();
        } else {
            pool.execute(() -> split(pool, depth - 1, leaves));
            pool.execute(() -> split(pool, depth - 1, leaves));
        }
    }

    @Test
    void task_throws_othersRunAndItsThreadLives() {
        try (TickedPool ticked = TickedPool.unticked("throwing", 16)) {
            AtomicInteger run = new AtomicInteger();
            ticked.pool.execute(() -> {
                throw new IllegalStateException("on purpose");
            });
            ticked.pool.execute(() -> {
                throw new StackOverflowError("on purpose");
            });
            for (int i = 0; i < 5; i++) {
                ticked.pool.execute(run::incrementAndGet);
            }
            Awaitility.await().untilAtomic(run, org.hamcrest.Matchers.is(5));
            assertThat(ticked.threads()).hasSizeBetween(1, TickedPool.PARALLELISM);
        }
    }

    @Test
    void task_leavesItsThreadInterrupted_theNextDoesNotSeeIt() throws Exception {
        try (TickedPool ticked = TickedPool.unticked("interrupted", 16)) {
            List<CompletableFuture<Boolean>> flags = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                CompletableFuture<Boolean> flag = new CompletableFuture<>();
                flags.add(flag);
                ticked.pool.execute(() -> {
                    flag.complete(Thread.currentThread().isInterrupted());
                    Thread.currentThread().interrupt();
                });
            }
            for (CompletableFuture<Boolean> flag : flags) {
                assertThat(flag.get(10, TimeUnit.SECONDS)).isFalse();
            }
        }
    }

    @Test
    void idle_longEnough_threadsEnd() throws Exception {
        try (TickedPool ticked = TickedPool.unticked("idle", 16, Duration.ofMillis(50))) {
            CountDownLatch run = new CountDownLatch(2);
            ticked.pool.execute(run::countDown);
            ticked.pool.execute(run::countDown);
            assertThat(run.await(10, TimeUnit.SECONDS)).isTrue();

            Awaitility.await().until(() -> ticked.threads().isEmpty());

            CompletableFuture<Thread> again = new CompletableFuture<>();
            ticked.pool.execute(() -> again.complete(Thread.currentThread()));
            assertThat(again.get(10, TimeUnit.SECONDS).getName()).startsWith("idle-");
        }
    }

    @Test
    void idle_threadsEndingAgainAndAgain_losesNoTask() throws Exception {
        try (TickedPool ticked = TickedPool.unticked("ending", 16, Duration.ofNanos(1))) {
            for (int i = 0; i < 2_000; i++) {
                CompletableFuture<Integer> run = new CompletableFuture<>();
                int number = i;
                ticked.pool.execute(() -> run.complete(number));
                assertThat(run.get(10, TimeUnit.SECONDS)).isEqualTo(i);
            }
        }
    }

    @RepeatedTest(20)
    void shutdown_tasksQueued_areStillRun() throws Exception {
        TickedPool ticked = TickedPool.unticked("queued", 16);
        CountDownLatch goOn = new CountDownLatch(1);
        List<Integer> run = new CopyOnWriteArrayList<>();
        ticked.pool.execute(() -> Latches.await(goOn));
        ticked.pool.execute(() -> Latches.await(goOn));
        for (int i = 0; i < 100; i++) {
            int number = i;
            ticked.pool.execute(() -> run.add(number));
        }

        ticked.pool.shutdown();
        goOn.countDown();
        ticked.pool.awaitTermination(TimeUnit.SECONDS.toNanos(10));

        assertThat(run).hasSize(100).doesNotHaveDuplicates();
        assertThat(ticked.threads()).isEmpty();
    }

    @Test
    void shutdown_taskParksAfterwards_itsThreadEndsAtOnce() {
        TickedPool ticked = TickedPool.unticked("parking", 16);
        CountDownLatch shut = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        ticked.pool.execute(() -> {
            running.countDown();
            Latches.await(shut);
            LockSupport.parkNanos(1); // eats the wake-up of the shutdown
        });
        Latches.await(running);
        ticked.pool.shutdown();
        long start = System.nanoTime();
        shut.countDown();

        ticked.pool.awaitTermination(TimeUnit.SECONDS.toNanos(5));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void execute_afterShutdown_stillRunsAndLeavesNoThread() throws Exception {
        TickedPool ticked = TickedPool.unticked("after", 16);
        ticked.pool.shutdown();
        CompletableFuture<String> run = new CompletableFuture<>();

        ticked.pool.execute(() -> run.complete("run"));

        assertThat(run.get(10, TimeUnit.SECONDS)).isEqualTo("run");
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .until(() -> ticked.threads().isEmpty());
    }

    @Test
    void awaitTermination_taskNeverEnds_isInterrupted() throws Exception {
        TickedPool ticked = TickedPool.unticked("endless", 16);
        CompletableFuture<String> interrupted = new CompletableFuture<>();
        CountDownLatch running = new CountDownLatch(1);
        ticked.pool.execute(() -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.complete("interrupted");
            }
        });
        Latches.await(running);
        ticked.pool.shutdown();

        ticked.pool.awaitTermination(TimeUnit.MILLISECONDS.toNanos(50));

        assertThat(interrupted.get(10, TimeUnit.SECONDS)).isEqualTo("interrupted");
    }
}
