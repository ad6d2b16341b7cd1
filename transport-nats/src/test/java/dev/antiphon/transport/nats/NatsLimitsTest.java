package dev.antiphon.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.Direction;
import dev.antiphon.conformance.broker.NatsBroker;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.NatsConfig;
import dev.antiphon.conformance.broker.TcpProxy;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NatsLimitsTest {

    private final Links links = new Links();
    private final Recorder listener = new Recorder();
    private final Recorder recorder = new Recorder();
    private final String subject = "test." + UUID.randomUUID();

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void publish_ofMoreThanTheServerTakes_failsTooLargeAndTheConnectionStays() {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain().withMaxPayload(2000))) {
            Transport transport = links.start(broker.address(), listener, Map.of());
            assertThat(transport.capabilities().limits().maxBodyBytes()).isEqualTo(2000);
            Message body = Message.wrap(new byte[2000]);
            transport.publish(new OutboundMessage(subject, body, 0), recorder);
            transport.publish(new OutboundMessage(subject, Message.wrap(new byte[2001]), 0), recorder);
            transport.publish(new OutboundMessage(subject, body.withHeaders(Headers.of("a", "b")), 0), recorder);
            assertThat(recorder.calls()).containsExactly("sent", "failed TOO_LARGE", "failed TOO_LARGE");
            ReplyChannel channel = Links.openChannel(transport, recorder);
            channel.request(new OutboundMessage(subject, Message.wrap(new byte[2001]), 0), 1, recorder);
            assertThat(recorder.calls()).endsWith("failed TOO_LARGE");
            Links.flush(transport);
            assertThat(listener.calls()).containsExactly("CONNECTED");
        }
    }

    @Test
    void publish_toAConnectionThatDoesNotMove_neverBlocksAndFailsBeyondTheBound() {
        try (TcpProxy proxy = TcpProxy.open(NatsBrokers.shared().address())) {
            Transport transport = links.start(proxy.address(), listener, Map.of("max-pending", "1000000"));
            proxy.stall(Direction.TO_BROKER);
            OutboundMessage message = new OutboundMessage(subject, Message.wrap(new byte[100_000]), 0);
            long slowest = 0;
            for (int i = 0; i < 1000 && !recorder.calls().contains("failed RESOURCE_EXHAUSTED"); i++) {
                long begin = System.nanoTime();
                transport.publish(message, recorder);
                slowest = Math.max(slowest, System.nanoTime() - begin);
            }
            assertThat(recorder.calls()).endsWith("failed RESOURCE_EXHAUSTED");
            assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(1));
            AntiphonException unanswered = Links.failureOf(transport.flush(Duration.ofMillis(100)));
            assertThat(unanswered.code()).isEqualTo(ErrorCode.TIMEOUT);
            proxy.heal();
            Links.flush(transport);
            assertThat(listener.calls()).containsExactly("CONNECTED");
        }
    }

    /** One after the other, with pauses in which a sender writes itself. */
    @Test
    void publish_slowlyToAConnectionThatDoesNotMove_neverBlocks() {
        try (TcpProxy proxy = TcpProxy.open(NatsBrokers.shared().address())) {
            Transport transport = links.start(proxy.address(), listener, Map.of());
            AtomicInteger received = new AtomicInteger();
            Links.subscribe(links.start(NatsBrokers.shared()), subject, null, m -> received.incrementAndGet());
            proxy.stall(Direction.TO_BROKER);
            OutboundMessage message = Links.message(subject, "x".repeat(4000));
            long slowest = 0;
            for (int i = 0; i < 5000; i++) {
                long begin = System.nanoTime();
                transport.publish(message, recorder);
                slowest = Math.max(slowest, System.nanoTime() - begin);
                while (System.nanoTime() - begin < 50_000) {
                    Thread.onSpinWait();
                }
            }
            assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(1));
            proxy.heal();
            Links.flush(transport);
            await().atMost(Links.LIMIT).untilAtomic(received, is(5000));
            assertThat(recorder.calls()).hasSize(5000).containsOnly("sent");
        }
    }

    @Test
    void requests_tenThousandAtOnce_areAllAnswered() {
        NatsBroker broker = NatsBrokers.shared();
        Transport transport = links.start(broker.address(), listener, Map.of());
        Links.echo(links.start(broker), subject, "g");
        AtomicInteger replies = new AtomicInteger();
        ReplyChannel channel = Links.openChannel(transport, new CountingReplies(replies));
        for (int i = 0; i < 10_000; i++) {
            channel.request(Links.message(subject, "x".repeat(1000)), i, Links.IGNORE);
        }
        await().atMost(Links.LIMIT).untilAtomic(replies, is(10_000));
    }

    @Test
    void subscription_whoseHandlerIsSlow_dropsAndReportsBeyondTheBound() {
        Transport transport = links.start(
                NatsBrokers.shared().address(), listener, Map.of("max-unhandled", Integer.toString(300 * 100)));
        CountDownLatch release = new CountDownLatch(1);
        List<String> handled = new CopyOnWriteArrayList<>();
        Links.subscribeUserCode(transport, subject, m -> {
            awaitLatch(release);
            handled.add(m.message().text());
        });
        for (int i = 0; i < 1000; i++) {
            transport.publish(Links.message(subject, "x"), Links.IGNORE);
        }
        Links.flush(transport);
        await().untilAsserted(() -> assertThat(listener.calls()).containsExactly("CONNECTED", "slow " + subject));
        release.countDown();
        await().untilAsserted(() -> assertThat(handled).hasSizeGreaterThanOrEqualTo(100));
        transport.publish(Links.message(subject, "again"), Links.IGNORE);
        await().untilAsserted(() -> assertThat(handled).contains("again"));
        assertThat(handled).hasSizeLessThanOrEqualTo(200);
    }

    @Test
    void subscribe_toWhatIsNotAllowed_failsPermissionDenied() {
        NatsConfig config = NatsConfig.plain()
                .withText("authorization { users: [ { user: u, password: p, permissions: "
                        + "{ publish: [\"ok.>\", \"_INBOX.>\"], subscribe: [\"ok.>\", \"_INBOX.>\"] } } ] }");
        try (NatsBroker broker = NatsBrokers.open(config)) {
            Transport transport = links.create("nats", List.of(Links.address(broker.address())), "u", "p", Map.of());
            Links.await(transport.start(listener));
            for (String group : new String[] {null, "g"}) {
                AntiphonException denied =
                        Links.failureOf(transport.subscribe(new SubscribeSpec("secret.x", group, 1, false), m -> {}));
                assertThat(denied.code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
                assertThat(denied.subject()).isEqualTo("secret.x");
            }
            Links.echo(transport, "ok.x", null);
            transport.publish(Links.message("secret.y", "x"), recorder);
            await().untilAsserted(
                            () -> assertThat(listener.calls()).containsExactly("CONNECTED", "error PERMISSION_DENIED"));
            ReplyChannel channel = Links.openChannel(transport, recorder);
            channel.request(Links.message("ok.x", "hi"), 1, Links.IGNORE);
            await().untilAsserted(() -> assertThat(recorder.calls()).containsExactlyInAnyOrder("sent", "reply 1 hi"));
        }
    }

    @Test
    void everything_beforeTheStart_failsNotConnected() {
        Transport transport = links.create(NatsBrokers.shared().address(), Map.of());
        transport.publish(Links.message(subject, "x"), recorder);
        assertThat(recorder.calls()).containsExactly("failed NOT_CONNECTED");
        assertThat(Links.failureOf(transport.subscribe(new SubscribeSpec("s", null, 1, false), m -> {}))
                        .code())
                .isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(Links.failureOf(transport.flush(Links.LIMIT)).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        transport.close(Links.LIMIT);
        assertThat(Links.failureOf(transport.start(listener)).code()).isEqualTo(ErrorCode.CLOSED);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Counts the replies. */
    private record CountingReplies(AtomicInteger count) implements ReplyHandler {

        @Override
        public void onReply(long correlationId, Message reply) {
            count.incrementAndGet();
        }

        @Override
        public void onNoResponders(long correlationId) {}

        @Override
        public void onUnreadable(String correlation, Message reply) {}
    }
}
