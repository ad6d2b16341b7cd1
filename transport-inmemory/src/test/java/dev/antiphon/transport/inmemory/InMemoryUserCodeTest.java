package dev.antiphon.transport.inmemory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.conformance.Recorder;
import dev.antiphon.spi.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InMemoryUserCodeTest {

    private final Fixture fixture = new Fixture();
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void deliveries_toUserCode_areSerialInOrderAndOffThePublishersThread() throws InterruptedException {
        Transport transport = fixture.start();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        List<String> got = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(4000);
        Fixture.subscribeUserCode(transport, "s", m -> {
            overlaps.addAndGet(running.getAndIncrement());
            threads.add(Thread.currentThread());
            got.add(m.message().text());
            running.decrementAndGet();
            all.countDown();
        });
        Set<Thread> publishers = new HashSet<>();
        for (int p = 0; p < 4; p++) {
            String prefix = p + ":";
            Thread publisher = new Thread(() -> {
                for (int i = 0; i < 1000; i++) {
                    transport.publish(Fixture.message("s", prefix + i), Fixture.IGNORE);
                }
            });
            publishers.add(publisher);
            publisher.start();
        }
        assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(overlaps).hasValue(0);
        assertThat(threads).hasSize(1).doesNotContainAnyElementsOf(publishers);
        for (int p = 0; p < 4; p++) {
            String prefix = p + ":";
            assertThat(got.stream().filter(text -> text.startsWith(prefix)))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 1000).mapToObj(i -> prefix + i).toList());
        }
    }

    @Test
    void deliveries_toUserCodeThatIsSlow_areDroppedAndReportedBeyondTheBound() throws InterruptedException {
        Recorder listener = new Recorder();
        Transport transport = fixture.start(listener);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        AtomicInteger handled = new AtomicInteger();
        Fixture.subscribeUserCode(transport, "s", m -> {
            entered.countDown();
            awaitLatch(release);
            handled.incrementAndGet();
        });
        transport.publish(Fixture.message("s", "first"), recorder);
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < SerialDeliveries.CAPACITY + 10; i++) {
            transport.publish(Fixture.message("s", "x"), Fixture.IGNORE);
        }
        assertThat(listener.calls()).containsExactly("CONNECTED", "slow s");
        release.countDown();
        await().untilAtomic(handled, org.hamcrest.Matchers.is(SerialDeliveries.CAPACITY + 1));
    }

    @Test
    void handler_thatThrows_isReportedAndTheNextMessageFlows() {
        Recorder listener = new Recorder();
        Transport transport = fixture.start(listener);
        AtomicInteger handled = new AtomicInteger();
        Fixture.subscribeUserCode(transport, "s", m -> {
            if (handled.incrementAndGet() == 1) {
                throw new IllegalStateException("boom");
            }
        });
        transport.publish(Fixture.message("s", "1"), recorder);
        transport.publish(Fixture.message("s", "2"), recorder);
        await().untilAtomic(handled, org.hamcrest.Matchers.is(2));
        assertThat(listener.calls()).containsExactly("CONNECTED", "error INTERNAL");
    }

    @Test
    void close_fromUserCode_returns() throws InterruptedException {
        Transport transport = fixture.start();
        CountDownLatch closed = new CountDownLatch(1);
        Fixture.subscribeUserCode(transport, "s", m -> {
            transport.close(Fixture.LIMIT);
            closed.countDown();
        });
        transport.publish(Fixture.message("s", "x"), recorder);
        assertThat(closed.await(5, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
