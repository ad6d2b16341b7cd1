package dev.antiphon.transport.inmemory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.conformance.Recorder;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InMemoryStopTest {

    private static final int ROUNDS = 300;

    private final Fixture fixture = new Fixture();
    private final Recorder recorder = new Recorder();
    private final AtomicBoolean publishing = new AtomicBoolean(true);
    private final List<Thread> publishers = new ArrayList<>();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void stop_whileOthersPublishToTheGroup_losesNothingAndEndsAfterTheLastDelivery() throws InterruptedException {
        LongAdder sent = new LongAdder();
        LongAdder received = new LongAdder();
        AtomicInteger afterStop = new AtomicInteger();
        Transport stayer = fixture.start();
        Transport leaver = fixture.start();
        Fixture.subscribe(stayer, "work", "g", m -> received.increment());
        publishForEver(() -> {
            stayer.publish(Fixture.message("work", "x"), Fixture.IGNORE);
            sent.increment();
        });
        for (int round = 0; round < ROUNDS; round++) {
            AtomicBoolean stopped = new AtomicBoolean();
            CountDownLatch first = new CountDownLatch(1);
            TransportSubscription subscription = Fixture.subscribe(leaver, "work", "g", m -> {
                received.increment();
                first.countDown();
                if (stopped.get()) {
                    afterStop.incrementAndGet();
                }
            });
            assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
            Fixture.await(subscription.stop());
            stopped.set(true);
        }
        join();
        assertThat(afterStop).hasValue(0);
        assertThat(received.sum()).isEqualTo(sent.sum()).isPositive();
    }

    @Test
    void stop_ofASubscriptionThatRunsUserCode_handlesWhatWaits() {
        LongAdder sent = new LongAdder();
        LongAdder received = new LongAdder();
        Transport transport = fixture.start();
        for (int round = 0; round < 20; round++) {
            TransportSubscription subscription =
                    Fixture.subscribeUserCode(transport, "work", m -> received.increment());
            for (int i = 0; i < 1000; i++) {
                transport.publish(Fixture.message("work", "x"), Fixture.IGNORE);
                sent.increment();
            }
            Fixture.await(subscription.stop());
            assertThat(received.sum()).isEqualTo(sent.sum());
        }
    }

    @Test
    void stop_twice_isTheSameStop() {
        TransportSubscription subscription = Fixture.subscribe(fixture.start(), "work", null, m -> {});
        Fixture.await(subscription.stop());
        Fixture.await(subscription.stop());
    }

    @Test
    void close_whileOthersPublishAndReply_makesNoCallAfterwards() throws InterruptedException {
        AtomicInteger late = new AtomicInteger();
        Transport sender = fixture.start();
        ReplyChannel channel = Fixture.openChannel(sender, Fixture.IGNORE_REPLIES);
        publishForEver(() -> channel.request(Fixture.message("work", "x"), 1, Fixture.IGNORE));
        for (int round = 0; round < ROUNDS; round++) {
            AtomicBoolean closed = new AtomicBoolean();
            CountDownLatch first = new CountDownLatch(1);
            Transport closing = fixture.start();
            Fixture.subscribe(closing, "work", null, request -> {
                first.countDown();
                if (closed.get()) {
                    late.incrementAndGet();
                }
            });
            assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
            closing.close(Fixture.LIMIT);
            closed.set(true);
        }
        join();
        assertThat(late).hasValue(0);
    }

    @Test
    void reply_toAClosedChannel_vanishes() {
        Transport requester = fixture.start();
        Transport responder = fixture.start();
        List<ReplyAddress> addresses = new ArrayList<>();
        Fixture.subscribe(responder, "slow", null, request -> addresses.add(request.replyAddress()));
        Recorder replies = new Recorder();
        ReplyChannel channel = Fixture.openChannel(requester, replies);
        channel.request(Fixture.message("slow", "?"), 1, recorder);
        Fixture.await(channel.close());
        responder.reply(addresses.get(0), Fixture.message("slow", "late"), recorder);
        assertThat(replies.calls()).isEmpty();
        assertThat(recorder.calls()).containsExactly("sent", "sent");
    }

    private void publishForEver(Runnable send) {
        for (int i = 0; i < 4; i++) {
            Thread publisher = new Thread(() -> {
                while (publishing.get()) {
                    send.run();
                }
            });
            publishers.add(publisher);
            publisher.start();
        }
    }

    private void join() throws InterruptedException {
        publishing.set(false);
        for (Thread publisher : publishers) {
            publisher.join(Fixture.LIMIT.toMillis());
            assertThat(publisher.isAlive()).isFalse();
        }
    }
}
