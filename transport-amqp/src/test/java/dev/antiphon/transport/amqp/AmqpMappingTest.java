package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.Transport;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("JavaUtilDate") // the native client's type
class AmqpMappingTest {

    private final RabbitBroker broker = RabbitBrokers.shared();
    private final Links links = new Links();
    private final Recorder recorder = new Recorder();
    private final String subject = "test." + UUID.randomUUID();
    private final List<InboundMessage> received = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        links.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct", "exclusive-queue"})
    void reply_withAWayBack_canBeAnswered(String mode) {
        Recorder answers = new Recorder();
        Transport requester = links.start(broker.address(), new Recorder(), Map.of("reply", mode));
        ReplyChannel asking = Links.openChannel(requester, recorder);
        Transport responder = links.start(broker.address(), new Recorder(), Map.of("reply", mode));
        ReplyChannel answering = Links.await(responder.openReplyChannel("ZYXWVUTSRQPONMLKJIHGFE", answers));
        Links.subscribe(
                responder,
                subject,
                null,
                request -> answering.reply(request.replyAddress(), Links.message(subject, "hear me"), 8, Links.IGNORE));
        asking.request(Links.message(subject, "?"), 7, Links.IGNORE);
        await().untilAsserted(() -> assertThat(recorder.calls()).contains("reply 7 hear me"));

        asking.reply(recorder.waysBack().get(0), Links.message(subject, "I do"), 7, Links.IGNORE);
        await().untilAsserted(() -> assertThat(answers.calls()).containsExactly("reply 8 I do"));
        requester.reply(recorder.waysBack().get(0), Links.message(subject, "goodbye"), Links.IGNORE);

        await().untilAsserted(() -> assertThat(answers.calls()).containsExactly("reply 8 I do", "reply 8 goodbye"));
        assertThat(answers.waysBack()).hasSize(1);
        if (mode.equals("exclusive-queue")) {
            Links.await(answering.close());
            asking.reply(recorder.waysBack().get(0), Links.message(subject, "still there?"), 7, Links.IGNORE);
            await().untilAsserted(() -> assertThat(recorder.calls()).contains("no responders 7"));
        }
    }

    @Test
    void publish_withNativeHeaders_setsTheProperties() throws IOException {
        Transport transport = links.start(broker);
        Channel plain = links.plainClient(broker).createChannel();
        String queue = plain.queueDeclare().getQueue();
        plain.queueBind(queue, "antiphon", subject);
        Headers headers = Headers.of(
                "amqp-message-id", "m-1",
                "amqp-type", "order",
                "amqp-app-id", "shop",
                "amqp-timestamp", "1700000000",
                "amqp-priority", "5",
                "amqp-content-encoding", "gzip",
                "amqp-delivery-mode", "2",
                "amqp-correlation-id", "c-1",
                "amqp-expiration", "60000",
                "x-own", "1");
        transport.publish(
                new OutboundMessage(
                        subject,
                        Message.of("{}").withContentType("application/json").withHeaders(headers),
                        0),
                recorder);
        Links.flush(transport);
        GetResponse response = plain.basicGet(queue, true);
        BasicProperties properties = response.getProps();
        assertThat(List.of(
                        properties.getMessageId(),
                        properties.getType(),
                        properties.getAppId(),
                        properties.getTimestamp(),
                        properties.getPriority(),
                        properties.getContentEncoding(),
                        properties.getDeliveryMode(),
                        properties.getCorrelationId(),
                        properties.getExpiration(),
                        properties.getContentType()))
                .containsExactly(
                        "m-1",
                        "order",
                        "shop",
                        new Date(1_700_000_000_000L),
                        5,
                        "gzip",
                        2,
                        "c-1",
                        "60000",
                        "application/json");
        assertThat(properties.getHeaders())
                .hasSize(1)
                .hasEntrySatisfying("x-own", value -> assertThat(value).hasToString("1"));
    }

    @Test
    void receive_withNativeProperties_showsThemAsHeaders() throws IOException {
        Transport transport = links.start(broker);
        Links.subscribe(transport, subject, null, received::add);
        Channel plain = links.plainClient(broker).createChannel();
        plain.basicPublish(
                "antiphon",
                subject,
                new BasicProperties.Builder()
                        .messageId("m-1")
                        .type("order")
                        .appId("shop")
                        .timestamp(new Date(1_700_000_000_000L))
                        .priority(5)
                        .contentEncoding("gzip")
                        .correlationId("c-1")
                        .userId("guest")
                        .contentType("text/plain")
                        .build(),
                "hello".getBytes(StandardCharsets.UTF_8));
        Message message = next().message();
        assertThat(message.contentType()).hasValue("text/plain");
        assertThat(message.headers().names())
                .containsExactlyInAnyOrder(
                        "amqp-message-id",
                        "amqp-type",
                        "amqp-app-id",
                        "amqp-timestamp",
                        "amqp-priority",
                        "amqp-content-encoding",
                        "amqp-correlation-id",
                        "amqp-user-id");
        assertThat(message.header("amqp-timestamp")).hasValue("1700000000");
        assertThat(message.header("amqp-correlation-id")).hasValue("c-1");
    }

    @Test
    void receive_headersOfForeignTypes_areText() throws IOException {
        Transport transport = links.start(broker);
        Links.subscribe(transport, subject, null, received::add);
        Map<String, Object> headers = new HashMap<>();
        headers.put("int", 7);
        headers.put("long", 1L << 40);
        headers.put("short", (short) 3);
        headers.put("double", 2.5);
        headers.put("decimal", new BigDecimal("1.25"));
        headers.put("boolean", true);
        headers.put("time", Date.from(Instant.parse("2024-02-29T12:00:00Z")));
        headers.put("utf8", "gr\u00fc\u00df".getBytes(StandardCharsets.UTF_8));
        headers.put("binary", new byte[] {(byte) 0xff, 0});
        headers.put("array", List.of("a", 1, List.of("b")));
        headers.put("table", Map.of("name", "x\"y"));
        headers.put("nothing", null);
        Channel plain = links.plainClient(broker).createChannel();
        plain.basicPublish(
                "antiphon",
                subject,
                new BasicProperties.Builder().headers(headers).build(),
                new byte[0]);
        Headers arrived = next().message().headers();
        Map<String, List<String>> texts = new HashMap<>();
        arrived.names().forEach(name -> texts.put(name, arrived.all(name)));
        assertThat(texts)
                .containsEntry("int", List.of("7"))
                .containsEntry("long", List.of("1099511627776"))
                .containsEntry("short", List.of("3"))
                .containsEntry("double", List.of("2.5"))
                .containsEntry("decimal", List.of("1.25"))
                .containsEntry("boolean", List.of("true"))
                .containsEntry("time", List.of("2024-02-29T12:00:00Z"))
                .containsEntry("utf8", List.of("gr\u00fc\u00df"))
                .containsEntry("binary", List.of("/wA="))
                .containsEntry("array", List.of("a", "1", "[\"b\"]"))
                .containsEntry("table", List.of("{\"name\":\"x\\\"y\"}"))
                .containsEntry("nothing", List.of(""));
    }

    @Test
    void publish_withSeveralValues_sendsAnArray() throws IOException {
        Transport transport = links.start(broker);
        Channel plain = links.plainClient(broker).createChannel();
        String queue = plain.queueDeclare().getQueue();
        plain.queueBind(queue, "antiphon", subject);
        transport.publish(
                new OutboundMessage(
                        subject, Message.empty().withHeaders(Headers.of("Tag", "a", "tag", "b", "one", "1")), 0),
                recorder);
        Links.flush(transport);
        Map<String, Object> headers = plain.basicGet(queue, true).getProps().getHeaders();
        assertThat(headers.keySet()).containsExactlyInAnyOrder("Tag", "one");
        assertThat(headers.get("Tag")).hasToString("[a, b]");
        assertThat(headers.get("one")).hasToString("1");
    }

    @Test
    void request_travelsWithNativeReplyToCorrelationAndExpiration() throws IOException {
        Transport transport = links.start(broker);
        Channel plain = links.plainClient(broker).createChannel();
        String queue = plain.queueDeclare().getQueue();
        plain.queueBind(queue, "antiphon", subject);
        ReplyChannel channel = Links.openChannel(transport, recorder);
        channel.request(
                new OutboundMessage(
                        subject, Message.of("?"), Duration.ofSeconds(30).toNanos()),
                42,
                Links.IGNORE);
        channel.request(new OutboundMessage(subject, Message.of("?"), 1), 43, Links.IGNORE);
        GetResponse[] response = new GetResponse[1];
        await().until(() -> (response[0] = plain.basicGet(queue, true)) != null);
        BasicProperties properties = response[0].getProps();
        assertThat(properties.getReplyTo()).isEqualTo(channel.toString());
        assertThat(properties.getCorrelationId()).isEqualTo("0000000000g");
        assertThat(properties.getExpiration()).isEqualTo("30000");
        plain.basicPublish(
                "",
                properties.getReplyTo(),
                new BasicProperties.Builder().correlationId("not ours").build(),
                new byte[0]);
        plain.basicPublish("", properties.getReplyTo(), null, new byte[0]);
        plain.basicPublish(
                "",
                properties.getReplyTo(),
                new BasicProperties.Builder()
                        .correlationId(properties.getCorrelationId())
                        .build(),
                "!".getBytes(StandardCharsets.UTF_8));
        await().untilAsserted(() ->
                assertThat(recorder.calls()).containsExactly("unreadable not ours", "unreadable ", "reply 42 !"));
    }

    @Test
    void request_whoseTimeIsUpInTheQueue_isDroppedByTheBroker() throws IOException {
        Transport transport = links.start(broker);
        Channel plain = links.plainClient(broker).createChannel();
        String queue = plain.queueDeclare().getQueue();
        plain.queueBind(queue, "antiphon", subject);
        ReplyChannel channel = Links.openChannel(transport, recorder);
        channel.request(new OutboundMessage(subject, Message.of("?"), 1), 1, Links.IGNORE);
        channel.request(new OutboundMessage(subject, Message.of("last"), 0), 2, Links.IGNORE);
        GetResponse[] response = new GetResponse[1];
        await().until(() -> {
            response[0] = plain.basicGet(queue, true);
            return response[0] != null && new String(response[0].getBody(), StandardCharsets.UTF_8).equals("last");
        });
        assertThat(response[0].getProps().getExpiration()).isNull();
    }

    @Test
    void message_thatCanNotBeMapped_isRefusedAndNothingElseIsHarmed() {
        Transport transport = links.start(broker);
        Message long256 = Message.empty().withHeader("x".repeat(256), "1");
        Message type256 = Message.empty().withContentType("x".repeat(256));
        Message noNumber = Message.empty().withHeader("amqp-priority", "high");
        for (Message message : List.of(long256, type256, noNumber)) {
            AntiphonException failure = Assertions.catchThrowableOfType(
                    AntiphonException.class,
                    () -> transport.publish(new OutboundMessage(subject, message, 0), recorder));
            assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        }
        Message headers = Message.empty().withHeader("x-long", "v".repeat(200_000));
        transport.publish(new OutboundMessage(subject, headers, 0), recorder);
        transport.publish(Links.message(subject, "fine"), recorder);
        Links.flush(transport);
        assertThat(recorder.calls()).containsExactly("failed TOO_LARGE", "sent");
    }

    @Test
    void unwrap_givesTheNativeDelivery() {
        Transport transport = links.start(broker);
        Links.subscribe(transport, subject, null, received::add);
        transport.publish(Links.message(subject, "hello"), recorder);
        assertThat(next().unwrap(Delivery.class)).hasValueSatisfying(delivery -> {
            assertThat(delivery.getEnvelope().getRoutingKey()).isEqualTo(subject);
            assertThat(delivery.getBody()).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
        });
        assertThat(next().unwrap(String.class)).isEmpty();
    }

    @Test
    void request_whoseReplyAddressIsItsOwnQueue_isNotAnswered() throws IOException {
        Recorder listener = new Recorder();
        Transport transport = links.start(broker.address(), listener, Map.of());
        Links.subscribe(transport, subject, "workers", received::add);
        Channel plain = links.plainClient(broker).createChannel();
        plain.basicPublish(
                "antiphon",
                subject,
                new BasicProperties.Builder()
                        .replyTo("group:antiphon:workers:" + subject)
                        .build(),
                new byte[0]);
        assertThat(next().replyAddress()).isNull();
        await().untilAsserted(() -> assertThat(listener.calls()).contains("error INVALID_ARGUMENT"));
    }

    private InboundMessage next() {
        await().untilAsserted(() -> assertThat(received).isNotEmpty());
        return received.get(0);
    }
}
