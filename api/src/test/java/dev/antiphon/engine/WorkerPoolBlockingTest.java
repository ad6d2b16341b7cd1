package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Rule E5: tasks that block delay no others, work to the end or fail at once, and never hang. */
class WorkerPoolBlockingTest {

    private final AtomicInteger descending = new AtomicInteger();
    /** Stops the levels whose caller above has given up. */
    private final AtomicBoolean exhausted = new AtomicBoolean();

    @Test
    void tasks_moreThanParallelismBlock_aLaterOneRunsWithinTensOfMillis() throws Exception {
        List<Long> delays = new ArrayList<>();
        for (int round = 0; round < 11; round++) {
            try (TickedPool ticked = TickedPool.ticking("blocking-" + round, 64)) {
                CountDownLatch release = new CountDownLatch(1);
                for (int i = 0; i < 4 * TickedPool.PARALLELISM; i++) {
                    ticked.pool.execute(() -> Latches.await(release));
                }
                CompletableFuture<Long> started = new CompletableFuture<>();
                long submitted = System.nanoTime();
                ticked.pool.execute(() -> started.complete(System.nanoTime()));
                delays.add(started.get(10, TimeUnit.SECONDS) - submitted);
                release.countDown();
            }
        }
        Collections.sort(delays);
        assertThat(Duration.ofNanos(delays.get(5))).as("median of " + delays).isLessThan(Duration.ofMillis(100));
    }

    @Test
    void tasks_computingWithoutEnd_aLaterOneStillRuns() throws Exception {
        try (TickedPool ticked = TickedPool.ticking("computing", 64)) {
            AtomicBoolean stop = new AtomicBoolean();
            for (int i = 0; i < TickedPool.PARALLELISM; i++) {
                ticked.pool.execute(() -> {
                    while (!stop.get()) {
                        Thread.onSpinWait();
                    }
                });
            }
            CompletableFuture<String> run = new CompletableFuture<>();
            ticked.pool.execute(() -> run.complete("run"));
            try {
                assertThat(run.get(10, TimeUnit.SECONDS)).isEqualTo("run");
            } finally {
                stop.set(true);
            }
        }
    }

    @Test
    void tasks_asManyAsThreadsMeetEachOther_allRunAtOnce() throws Exception {
        try (TickedPool ticked = TickedPool.ticking("meeting", 32)) {
            CyclicBarrier barrier = new CyclicBarrier(32);
            CountDownLatch met = new CountDownLatch(32);
            for (int i = 0; i < 32; i++) {
                ticked.pool.execute(() -> {
                    try {
                        barrier.await(30, TimeUnit.SECONDS);
                        met.countDown();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
            }
            assertThat(met.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(ticked.threads()).as("the limit").hasSizeLessThanOrEqualTo(32);
        }
    }

    @Test
    void join_nestedDeeperThanParallelism_needsNoTick() throws Exception {
        try (TickedPool ticked = TickedPool.unticked("nested", 64)) {
            CompletableFuture<Integer> depth = new CompletableFuture<>();
            ticked.pool.execute(() -> depth.complete(descend(ticked.pool, 40)));

            assertThat(depth.get(30, TimeUnit.SECONDS)).isEqualTo(40);
        }
    }

    @Test
    void join_allThreadsWouldWait_failsInsteadOfHanging() throws Exception {
        try (TickedPool ticked = TickedPool.unticked("exhausted", 8)) {
            CompletableFuture<Integer> depth = new CompletableFuture<>();
            ticked.pool.execute(() -> {
                try {
                    depth.complete(descend(ticked.pool, 100));
                } catch (AntiphonException failure) {
                    depth.completeExceptionally(failure);
                }
            });

            assertThat(depth)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOfSatisfying(AntiphonException.class, failure -> {
                        assertThat(failure.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
                        assertThat(failure.getMessage()).contains("all 8 threads of exhausted");
                    });

            exhausted.set(true);
            Awaitility.await().untilAtomic(descending, org.hamcrest.Matchers.is(0));
            exhausted.set(false);
            CompletableFuture<Integer> again = new CompletableFuture<>();
            ticked.pool.execute(() -> again.complete(descend(ticked.pool, 6)));
            assertThat(again.get(30, TimeUnit.SECONDS))
                    .as("the pool works again")
                    .isEqualTo(6);
        }
    }

    /** Each level waits, as a join does, for the level below, which is a task of the same pool. */
    private int descend(WorkerPool pool, int levels) {
        if (levels == 0 || exhausted.get()) {
            return 0;
        }
        descending.incrementAndGet();
        try {
            return descendFurther(pool, levels);
        } finally {
            descending.decrementAndGet();
        }
    }

    private int descendFurther(WorkerPool pool, int levels) {
        CompletableFuture<Integer> below = new CompletableFuture<>();
        pool.execute(() -> {
            try {
                below.complete(descend(pool, levels - 1));
            } catch (AntiphonException failure) {
                below.completeExceptionally(failure);
            }
        });
        WorkerPool.Blocking blocking = WorkerPool.beginBlocking();
        try {
            return 1 + below.get(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            throw (AntiphonException) e.getCause();
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            blocking.end();
        }
    }

    @Test
    void threads_afterManyBlocked_fallBackToParallelism() throws Exception {
        try (TickedPool ticked = TickedPool.ticking("falling", 64)) {
            CountDownLatch release = new CountDownLatch(1);
            CountDownLatch blocked = new CountDownLatch(20);
            for (int i = 0; i < 20; i++) {
                ticked.pool.execute(() -> {
                    blocked.countDown();
                    Latches.await(release);
                });
            }
            assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
            release.countDown();
            Awaitility.await()
                    .until(() -> ticked.threads().stream()
                            .allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING));

            AtomicInteger running = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(20_000);
            for (int i = 0; i < 20_000; i++) {
                ticked.pool.execute(() -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    running.decrementAndGet();
                    done.countDown();
                });
            }
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(most.get()).isLessThan(20);
        }
    }

    @Test
    void beginBlocking_onAnyOtherThread_isFree() {
        WorkerPool.Blocking blocking = WorkerPool.beginBlocking();

        blocking.end();

        assertThat(WorkerPool.isWorkerThread()).isFalse();
    }
}
