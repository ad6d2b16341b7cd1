package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/** Some requests at a time, each of which follows the one before, and how they end. */
final class RequestLoad implements AutoCloseable {
    private static final int AT_A_TIME = 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Messenger requester;
    private final String subject;
    private final ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicLong longestNanos = new AtomicLong();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    RequestLoad(Messenger requester, String subject) {
        this.requester = requester;
        this.subject = subject;
    }

    void start() {
        for (int i = 0; i < AT_A_TIME; i++) {
            threads.execute(this::ask);
        }
    }

    private void ask() {
        while (!stopped) {
            long begin = System.nanoTime();
            String question = Long.toString(begin);
            try {
                String answer = requester
                        .request(subject, Message.of(question), RequestOptions.timeout(TIMEOUT))
                        .join()
                        .text();
                assertThat(answer).isEqualTo(question);
                answered.incrementAndGet();
                longestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
            } catch (RuntimeException | AssertionError failure) {
                failures.add(failure);
            }
        }
    }

    /** Waits until so many more have been answered. */
    void pass(int count) {
        int goal = answered.get() + count;
        Awaitility.await("requests are answered").atMost(PATIENCE).until(() -> answered.get() >= goal);
    }

    int answered() {
        return answered.get();
    }

    Duration longest() {
        return Duration.ofNanos(longestNanos.get());
    }

    /** Makes no more, and asserts that all were answered. */
    void finish() {
        stopped = true;
        threads.shutdown();
        Awaitility.await("the last requests end").atMost(PATIENCE).until(threads::isTerminated);
        assertThat(failures).isEmpty();
    }

    @Override
    public void close() {
        stopped = true;
        threads.shutdownNow();
    }
}
