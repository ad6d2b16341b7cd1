package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.Direction;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.conformance.broker.RabbitConfig;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AmqpLimitsTest {

    private final Links links = new Links();
    private final Recorder listener = new Recorder();
    private final Recorder recorder = new Recorder();
    private final String subject = "test." + UUID.randomUUID();

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void publish_ofMoreThanTheBrokerTakes_failsAloneAndTheConnectionStays() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withMaxMessageSize(2000))) {
            Transport transport = links.start(broker.address(), listener, Map.of());
            transport.publish(new OutboundMessage(subject, Message.wrap(new byte[2001]), 0), recorder);
            await().untilAsserted(() -> assertThat(recorder.calls()).containsExactly("failed INVALID_ARGUMENT"));
            await().untilAsserted(() -> {
                transport.publish(new OutboundMessage(subject, Message.wrap(new byte[2000]), 0), recorder);
                assertThat(recorder.calls()).contains("sent");
            });
            await().untilAsserted(
                            () -> assertThat(listener.calls()).containsExactly("CONNECTED", "error INVALID_ARGUMENT"));
        }
    }

    @Test
    void publish_toAConnectionThatDoesNotMove_neverBlocksAndFailsBeyondTheBound() {
        try (TcpProxy proxy = TcpProxy.open(RabbitBrokers.shared().address())) {
            Transport transport =
                    links.start(proxy.address(), listener, Map.of("max-pending", "1000000", "heartbeat", "30s"));
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

    @Test
    void requests_tenThousandAtOnce_areAllAnsweredOverAFewChannels() {
        RabbitBroker broker = RabbitBrokers.shared();
        Transport transport = links.start(broker.address(), listener, Map.of());
        Links.echo(links.start(broker), subject, "g");
        AtomicInteger replies = new AtomicInteger();
        ReplyChannel channel = Links.openChannel(transport, new CountingReplies(replies));
        for (int i = 0; i < 10_000; i++) {
            channel.request(Links.message(subject, "x".repeat(1000)), i, Links.IGNORE);
        }
        assertThat(broker.inspector().state().channels(links.name())).hasSizeLessThanOrEqualTo(4);
        await().atMost(Links.LIMIT).untilAtomic(replies, is(10_000));
    }

    @Test
    void subscribe_beyondTheChannelsOfAConnection_failsResourceExhausted() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withChannelMax(5))) {
            Transport transport = links.start(broker.address(), listener, Map.of());
            for (int i = 0; i < 4; i++) {
                Links.echo(transport, subject + i, null);
            }
            AntiphonException failure =
                    Links.failureOf(transport.subscribe(new SubscribeSpec(subject, null, 1, false), message -> {}));
            assertThat(failure.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
            assertThat(listener.calls()).containsExactly("CONNECTED");
        }
    }

    @Test
    void broker_shortOfMemory_isReportedAndSendsFailUntilItTakesMessagesAgain() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain())) {
            Transport transport = links.start(broker.address(), listener, Map.of());
            ReplyChannel channel = Links.openChannel(transport, recorder);
            Links.echo(transport, subject, null);
            broker.admin().raiseMemoryAlarm();
            transport.publish(Links.message("nobody", "the one that makes the broker say so"), Links.IGNORE);
            await().untilAsserted(() ->
                    assertThat(listener.calls()).containsExactly("CONNECTED", "error RESOURCE_EXHAUSTED"));
            transport.publish(Links.message(subject, "x"), recorder);
            channel.request(Links.message(subject, "x"), 1, recorder);
            assertThat(recorder.calls()).containsExactly("failed RESOURCE_EXHAUSTED", "failed RESOURCE_EXHAUSTED");
            broker.admin().clearMemoryAlarm();
            await().untilAsserted(() -> {
                channel.request(Links.message(subject, "again"), 2, Links.IGNORE);
                assertThat(recorder.calls()).contains("reply 2 again");
            });
            assertThat(listener.calls()).hasSize(2);
        }
    }

    @Test
    void subscribe_toWhatIsNotAllowed_failsPermissionDeniedAndNothingElse() {
        RabbitConfig config = RabbitConfig.plain().withUser("admin", "admin");
        try (RabbitBroker broker = RabbitBrokers.open(config)) {
            broker.admin().addUser("u", "p");
            broker.admin().setPermissions("u", "/", "^(antiphon|amq\\.gen.*)$", ".*", ".*");
            Transport transport =
                    links.create("amqp", List.of(Links.address(broker.address())), "", "u", "p", Map.of());
            Links.await(transport.start(listener));
            AntiphonException denied = Links.failureOf(
                    transport.subscribe(new SubscribeSpec(subject, "workers", 1, false), message -> {}));
            assertThat(denied.code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
            assertThat(denied.subject()).isEqualTo(subject);
            Links.echo(transport, subject, null);
            broker.admin().setPermissions("u", "/", ".*", "^amq\\.gen.*$", ".*");
            transport.publish(Links.message(subject, "x"), recorder);
            await().atMost(Links.LIMIT)
                    .untilAsserted(() -> assertThat(recorder.calls()).containsExactly("failed PERMISSION_DENIED"));
            await().untilAsserted(
                            () -> assertThat(listener.calls()).containsExactly("CONNECTED", "error PERMISSION_DENIED"));
        }
    }

    @Test
    void everything_beforeTheStart_failsNotConnected() {
        Transport transport = links.create(RabbitBrokers.shared().address(), Map.of());
        transport.publish(Links.message(subject, "x"), recorder);
        assertThat(recorder.calls()).containsExactly("failed NOT_CONNECTED");
        assertThat(Links.failureOf(transport.subscribe(new SubscribeSpec("s", null, 1, false), m -> {}))
                        .code())
                .isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(Links.failureOf(transport.flush(Links.LIMIT)).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        transport.close(Links.LIMIT);
        assertThat(Links.failureOf(transport.start(listener)).code()).isEqualTo(ErrorCode.CLOSED);
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
