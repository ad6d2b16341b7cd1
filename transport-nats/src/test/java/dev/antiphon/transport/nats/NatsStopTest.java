package dev.antiphon.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.NatsBroker;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.NatsConfig;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NatsStopTest {

    private final NatsBroker broker = NatsBrokers.shared();
    private final Links links = new Links();
    private final String subject = "test." + UUID.randomUUID();

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void stop_ofAGroupMemberUnderLoad_losesNothingAndEndsAfterTheLastDelivery() throws InterruptedException {
        LongAdder sent = new LongAdder();
        LongAdder received = new LongAdder();
        AtomicInteger afterStop = new AtomicInteger();
        Transport stayer = links.start(broker);
        Transport leaver = links.start(broker);
        Transport publisher = links.start(broker);
        Links.subscribe(stayer, subject, "g", m -> received.increment());
        AtomicBoolean publishing = new AtomicBoolean(true);
        // As many as the stayer has room for: the test is about leaving, not about slow consumers.
        Semaphore ahead = new Semaphore(20_000);
        Thread publish = new Thread(() -> {
            while (publishing.get()) {
                ahead.acquireUninterruptibly();
                publisher.publish(Links.message(subject, "x"), Links.IGNORE);
                sent.increment();
            }
        });
        publish.start();
        for (int round = 0; round < 50; round++) {
            AtomicBoolean stopped = new AtomicBoolean();
            CountDownLatch some = new CountDownLatch(20);
            TransportSubscription subscription = Links.subscribe(leaver, subject, "g", m -> {
                received.increment();
                some.countDown();
                if (stopped.get()) {
                    afterStop.incrementAndGet();
                }
            });
            ahead.release(2_000);
            assertThat(some.await(10, TimeUnit.SECONDS)).isTrue();
            Links.await(subscription.stop());
            stopped.set(true);
        }
        publishing.set(false);
        ahead.release(1);
        publish.join();
        Links.flush(publisher);
        await().untilAsserted(() -> assertThat(received.sum()).isEqualTo(sent.sum()));
        assertThat(afterStop).hasValue(0);
    }

    @Test
    void stop_ofASubscriptionWithAQueue_handlesWhatWaits() {
        Transport transport = links.start(broker);
        AtomicInteger handled = new AtomicInteger();
        CountDownLatch release = new CountDownLatch(1);
        TransportSubscription subscription = Links.subscribeUserCode(transport, subject, m -> {
            awaitLatch(release);
            handled.incrementAndGet();
        });
        for (int i = 0; i < 1000; i++) {
            transport.publish(Links.message(subject, "x"), Links.IGNORE);
        }
        Links.flush(transport);
        var stopped = subscription.stop().toCompletableFuture();
        assertThat(stopped).isNotDone();
        release.countDown();
        Links.await(stopped);
        assertThat(handled).hasValue(1000);
        Links.await(subscription.stop());
    }

    @Test
    void stop_whileDisconnected_endsAtOnce() {
        try (NatsBroker own = NatsBrokers.open(NatsConfig.plain())) {
            Recorder listener = new Recorder();
            Transport transport = links.start(own.address(), listener, Map.of());
            TransportSubscription subscription = Links.subscribe(transport, subject, null, m -> {});
            own.kill();
            await().untilAsserted(() -> assertThat(listener.calls()).hasSize(2));
            Links.await(subscription.stop());
            own.start();
            await().untilAsserted(() -> assertThat(listener.calls()).hasSize(3));
            assertThat(own.inspector().subscriptions(links.name())).isEmpty();
        }
    }

    @Test
    void handlers_thatRunUserCode_haveAThreadEach() throws InterruptedException {
        Transport transport = links.start(broker);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch other = new CountDownLatch(100);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Recorder replies = new Recorder();
        Links.subscribeUserCode(transport, subject + ".blocked", m -> awaitLatch(release));
        Links.subscribeUserCode(transport, subject + ".other", m -> {
            threads.add(Thread.currentThread());
            other.countDown();
        });
        Links.echo(transport, subject + ".echo", null);
        ReplyChannel channel = Links.openChannel(transport, replies);
        for (int i = 0; i < 100; i++) {
            transport.publish(Links.message(subject + ".blocked", "x"), Links.IGNORE);
            transport.publish(Links.message(subject + ".other", "x"), Links.IGNORE);
        }
        channel.request(Links.message(subject + ".echo", "x"), 1, Links.IGNORE);
        assertThat(other.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(threads).hasSize(1).doesNotContain(Thread.currentThread());
        await().untilAsserted(() -> assertThat(replies.calls()).containsExactly("reply 1 x"));
        release.countDown();
    }

    @Test
    void handler_thatPushesBack_holdsUpNeitherRepliesNorOtherSubscriptions() {
        Transport transport = links.start(broker);
        CountDownLatch release = new CountDownLatch(1);
        Recorder replies = new Recorder();
        Links.subscribeUserCode(transport, subject + ".full", m -> awaitLatch(release));
        Links.echo(transport, subject + ".echo", null);
        ReplyChannel channel = Links.openChannel(transport, replies);
        transport.publish(Links.message(subject + ".full", "x"), Links.IGNORE);
        channel.request(Links.message(subject + ".echo", "x"), 1, Links.IGNORE);
        await().untilAsserted(() -> assertThat(replies.calls()).containsExactly("reply 1 x"));
        release.countDown();
    }

    @Test
    void close_ofTheReplyChannel_endsTheSubscription() {
        Transport transport = links.start(broker);
        Recorder replies = new Recorder();
        ReplyChannel channel = Links.openChannel(transport, replies);
        assertThat(broker.inspector().subscriptions(links.name())).hasSize(1);
        Links.await(channel.close());
        Links.await(channel.close());
        assertThat(broker.inspector().subscriptions(links.name())).isEmpty();
        channel.request(Links.message(subject, "x"), 1, replies);
        assertThat(replies.calls()).containsExactly("failed CLOSED");
    }

    @Test
    void close_sendsWhatWasAcceptedAndLeavesNothing() {
        List<String> received = new ArrayList<>();
        Transport receiver = links.start(broker);
        Links.subscribe(receiver, subject, null, m -> received.add(m.message().text()));
        Links sender = new Links();
        Recorder listener = new Recorder();
        Transport transport = sender.start(broker.address(), listener, Map.of());
        Links.subscribeUserCode(transport, subject + ".x", m -> {});
        Links.openChannel(transport, listener);
        for (int i = 0; i < 10_000; i++) {
            transport.publish(Links.message(subject, Integer.toString(i)), Links.IGNORE);
        }
        transport.close(Links.LIMIT);
        transport.close(Links.LIMIT);
        assertThat(listener.calls()).containsExactly("CONNECTED", "CLOSED");
        Links.flush(receiver);
        await().untilAsserted(() -> assertThat(received).hasSize(10_000));
        await().untilAsserted(() -> assertThat(sender.threads()).isEmpty());
        assertThat(broker.inspector().connections(sender.name())).isEmpty();
    }

    @Test
    void close_whenTheServerHangs_returnsWithinItsLimit() {
        try (NatsBroker own = NatsBrokers.open(NatsConfig.plain())) {
            Transport transport = links.start(own);
            own.pause();
            transport.publish(Links.message(subject, "x"), Links.IGNORE);
            long begin = System.nanoTime();
            transport.close(Duration.ofSeconds(1));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
            own.resume();
        }
    }

    @Test
    void close_fromAHandler_returns() throws InterruptedException {
        Recorder listener = new Recorder();
        Transport transport = links.start(broker.address(), listener, Map.of());
        CountDownLatch closed = new CountDownLatch(1);
        Links.subscribeUserCode(transport, subject, m -> {
            transport.close(Links.LIMIT);
            closed.countDown();
        });
        transport.publish(Links.message(subject, "x"), Links.IGNORE);
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(listener.calls()).containsExactly("CONNECTED", "CLOSED");
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
