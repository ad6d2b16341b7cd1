package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.NatsBroker;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.spi.CorrelationId;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.Transport;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.impl.NatsMessage;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NatsRequestReplyTest {

    private final NatsBroker broker = NatsBrokers.shared();
    private final Links links = new Links();
    private final Recorder recorder = new Recorder();
    private final String subject = "test." + UUID.randomUUID();
    private Transport transport;

    @BeforeEach
    void connect() {
        transport = links.start(broker.address(), recorder, Map.of());
    }

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void request_toAPlainResponder_isAnsweredAndHasNoHeaderBlock() {
        BlockingQueue<io.nats.client.Message> requests = new LinkedBlockingQueue<>();
        Connection plain = links.plainClient(broker);
        Dispatcher responder = plain.createDispatcher(request -> {
            requests.add(request);
            plain.publish(request.getReplyTo(), ("re: " + new String(request.getData(), UTF_8)).getBytes(UTF_8));
        });
        responder.subscribe(subject, "group");
        flush(plain);
        ReplyChannel channel = Links.openChannel(transport, recorder);
        channel.request(Links.message(subject, "hi"), -42, recorder);
        await().untilAsserted(() -> assertThat(recorder.calls()).contains("reply -42 re: hi"));
        io.nats.client.Message request = requests.remove();
        assertThat(request.getHeaders()).isNull();
        assertThat(request.getReplyTo()).isEqualTo("_INBOX.0123456789ABCDEFGHIJKL." + CorrelationId.toText(-42));
    }

    @Test
    void request_fromAPlainRequester_isAnswered() throws InterruptedException {
        Links.echo(transport, subject, "group");
        Connection plain = links.plainClient(broker);
        io.nats.client.Message bare = plain.request(subject, "hi".getBytes(UTF_8), Duration.ofSeconds(10));
        assertThat(new String(bare.getData(), UTF_8)).isEqualTo("hi");
        assertThat(bare.getHeaders()).isNull();
        io.nats.client.impl.Headers headers =
                new io.nats.client.impl.Headers().add("K", "v1", "v2").add("Content-Type", "a/b");
        io.nats.client.Message rich = plain.request(
                NatsMessage.builder().subject(subject).headers(headers).build(), Duration.ofSeconds(10));
        assertThat(rich.getHeaders().get("K")).containsExactly("v1", "v2");
        assertThat(rich.getHeaders().get("Content-Type")).containsExactly("a/b");
    }

    @Test
    void request_whenNobodySubscribes_endsWithNoResponders() {
        ReplyChannel channel = Links.openChannel(transport, recorder);
        channel.request(Links.message(subject, "?"), 7, recorder);
        await().untilAsserted(() ->
                assertThat(recorder.calls()).containsExactlyInAnyOrder("CONNECTED", "sent", "no responders 7"));
    }

    @Test
    void reply_withAWayBack_canBeAnswered() {
        Recorder answers = new Recorder();
        ReplyChannel asking = Links.openChannel(transport, recorder);
        Transport responder = links.start(broker.address(), new Recorder(), Map.of());
        ReplyChannel answering = Links.await(responder.openReplyChannel("ZYXWVUTSRQPONMLKJIHGFE", answers));
        Links.subscribe(
                responder,
                subject,
                null,
                request -> answering.reply(request.replyAddress(), Links.message(subject, "hear me"), 8, Links.IGNORE));
        asking.request(Links.message(subject, "?"), 7, Links.IGNORE);
        await().untilAsserted(() -> assertThat(recorder.calls()).contains("reply 7 hear me"));

        asking.reply(recorder.waysBack().get(0), Links.message(subject, "I do"), 7, Links.IGNORE);
        transport.reply(recorder.waysBack().get(0), Links.message(subject, "goodbye"), Links.IGNORE);

        await().untilAsserted(() -> assertThat(answers.calls()).containsExactly("reply 8 I do", "reply 8 goodbye"));
        assertThat(answers.waysBack()).hasSize(1);
        Links.await(answering.close());
        asking.reply(recorder.waysBack().get(0), Links.message(subject, "still there?"), 7, Links.IGNORE);
        await().untilAsserted(() -> assertThat(recorder.calls()).contains("no responders 7"));
    }

    @Test
    void message_withHeadersAndContentType_arrivesAsItWasSent() throws InterruptedException {
        BlockingQueue<InboundMessage> received = new LinkedBlockingQueue<>();
        Links.subscribe(transport, subject, null, received::add);
        Message sent = Message.of(new byte[] {0, 13, 10, -1})
                .withHeaders(Headers.of("b", "1", "A", "2", "b", "3"))
                .withContentType("application/x");
        transport.publish(new OutboundMessage(subject, sent, 0), Links.IGNORE);
        InboundMessage arrived = received.poll(10, TimeUnit.SECONDS);
        assertThat(arrived.message()).isEqualTo(sent);
        assertThat(arrived.subject()).isEqualTo(subject);
        assertThat(arrived.replyAddress()).isNull();
        io.nats.client.Message unwrapped =
                arrived.unwrap(io.nats.client.Message.class).orElseThrow();
        assertThat(unwrapped.getHeaders().get("b")).containsExactly("1", "3");
        assertThat(arrived.unwrap(String.class)).isEmpty();
    }

    @Test
    void message_ofAlmostTheLimit_arrives() throws InterruptedException {
        BlockingQueue<InboundMessage> received = new LinkedBlockingQueue<>();
        Links.subscribe(transport, subject, null, received::add);
        byte[] body = new byte[(int) transport.capabilities().limits().maxBodyBytes()];
        Arrays.fill(body, (byte) 'P');
        transport.publish(new OutboundMessage(subject, Message.wrap(body), 0), Links.IGNORE);
        assertThat(received.poll(10, TimeUnit.SECONDS).message().sharedBytes()).isEqualTo(body);
    }

    @Test
    void reply_ofAServiceError_isAnErrorForBothSides() throws InterruptedException {
        BlockingQueue<Message> replies = new LinkedBlockingQueue<>();
        Connection plain = links.plainClient(broker);
        plain.createDispatcher(request -> plain.publish(NatsMessage.builder()
                        .subject(request.getReplyTo())
                        .headers(new io.nats.client.impl.Headers()
                                .add("Nats-Service-Error", "no such thing")
                                .add("Nats-Service-Error-Code", "404"))
                        .build()))
                .subscribe(subject);
        flush(plain);
        ReplyChannel channel = Links.openChannel(transport, new ReplyQueue(replies));
        channel.request(Links.message(subject, "?"), 1, Links.IGNORE);
        Message reply = replies.poll(10, TimeUnit.SECONDS);
        assertThat(reply.header("antiphon-error")).contains("REMOTE");
        assertThat(reply.header("antiphon-error-code")).contains("404");
        assertThat(reply.header("antiphon-error-message")).contains("no%20such%20thing");
    }

    @Test
    void reply_ofOurs_thatIsAnError_carriesTheServiceHeaders() throws InterruptedException {
        Message error = Message.empty()
                .withHeaders(Headers.of("antiphon-error", "UNAVAILABLE", "antiphon-error-message", "leaving%20now"));
        Links.subscribe(
                transport,
                subject,
                null,
                request ->
                        transport.reply(request.replyAddress(), new OutboundMessage(subject, error, 0), Links.IGNORE));
        io.nats.client.Message reply = links.plainClient(broker).request(subject, new byte[0], Duration.ofSeconds(10));
        assertThat(reply.getHeaders().getFirst("Nats-Service-Error")).isEqualTo("leaving now");
        assertThat(reply.getHeaders().getFirst("Nats-Service-Error-Code")).isEqualTo("503");
    }

    @Test
    void reply_withAnIdThatIsNone_isToldAsUnreadable() {
        Links.openChannel(transport, recorder);
        Connection plain = links.plainClient(broker);
        plain.publish("_INBOX.0123456789ABCDEFGHIJKL.huh", "x".getBytes(UTF_8));
        await().untilAsserted(() -> assertThat(recorder.calls()).contains("unreadable huh"));
    }

    @Test
    void request_withAHostileReplyAddress_isDeliveredWithoutOneAndReported() {
        List<Boolean> expecting = new CopyOnWriteArrayList<>();
        Links.subscribe(transport, subject, null, request -> expecting.add(request.replyAddress() != null));
        Connection plain = links.plainClient(broker);
        for (String address : List.of("_INBOX.fine", "$JS.API.INFO", subject)) {
            plain.publish(subject, address, new byte[0]);
        }
        await().untilAsserted(() -> assertThat(expecting).containsExactly(true, false, false));
        await().untilAsserted(() -> assertThat(recorder.calls())
                .containsExactly("CONNECTED", "error INVALID_ARGUMENT", "error INVALID_ARGUMENT"));
    }

    @Test
    void subscription_toEverything_doesNotSeeReplies() {
        List<String> subjects = new CopyOnWriteArrayList<>();
        Links.subscribe(transport, ">", null, m -> subjects.add(m.subject()));
        Links.echo(transport, subject, null);
        ReplyChannel channel = Links.openChannel(transport, recorder);
        channel.request(Links.message(subject, "hi"), 1, Links.IGNORE);
        await().untilAsserted(() -> assertThat(recorder.calls()).contains("reply 1 hi"));
        transport.publish(Links.message(subject + ".end", ""), Links.IGNORE);
        await().untilAsserted(() -> assertThat(subjects).contains(subject + ".end"));
        assertThat(subjects).contains(subject).noneMatch(seen -> seen.startsWith("_INBOX.") || seen.startsWith("$"));
    }

    @Test
    void connection_unwrapped_worksBesideOurs() throws InterruptedException {
        Connection unwrapped = transport.unwrap(Connection.class).orElseThrow();
        Dispatcher dispatcher = unwrapped.createDispatcher(m -> unwrapped.publish(m.getReplyTo(), m.getData()));
        dispatcher.subscribe(subject);
        for (int i = 0; i < 100; i++) {
            Links.flush(transport);
            flush(unwrapped);
        }
        ReplyChannel channel = Links.openChannel(transport, recorder);
        channel.request(Links.message(subject, "hi"), 1, Links.IGNORE);
        await().untilAsserted(() -> assertThat(recorder.calls()).contains("reply 1 hi"));
        assertThat(unwrapped
                        .request(subject, "ho".getBytes(UTF_8), Duration.ofSeconds(10))
                        .getData())
                .isEqualTo("ho".getBytes(UTF_8));
    }

    private static void flush(Connection connection) {
        try {
            connection.flush(Duration.ofSeconds(10));
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Keeps the replies. */
    private record ReplyQueue(BlockingQueue<Message> replies) implements ReplyHandler {

        @Override
        public void onReply(long correlationId, Message reply) {
            replies.add(reply);
        }

        @Override
        public void onNoResponders(long correlationId) {}

        @Override
        public void onUnreadable(String correlation, Message reply) {}
    }
}
