package dev.antiphon.transport.nats;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.RawMessage;
import dev.antiphon.conformance.broker.TestCertificates;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.impl.NatsMessage;
import io.nats.client.impl.SocketDataPort;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A plain jnats program. The content type of a message is its header {@code Content-Type}, as everywhere on NATS. */
final class PlainNatsClient implements RawClient {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String CONTENT_TYPE = "Content-Type";

    private final Connection nats;

    private PlainNatsClient(Connection nats) {
        this.nats = nats;
    }

    static PlainNatsClient open(String url, boolean tls) {
        Options.Builder options =
                Options.builder().server(url).connectionTimeout(LIMIT).errorListener(new ErrorListener() {});
        if (tls) {
            options.sslContext(TestCertificates.trusting()).dataPortType(QuicklyClosed.class.getName());
        }
        try {
            return new PlainNatsClient(Nats.connect(options.build()));
        } catch (IOException e) {
            throw new AssertionError("a plain client does not get a connection to " + url, e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void publish(String subject, Message message) {
        nats.publish(toNative(subject, message));
        flush();
    }

    @Override
    public void subscribe(String subject, String group, Consumer<RawMessage> receiver) {
        Dispatcher dispatcher = nats.createDispatcher(message -> receiver.accept(new Received(message)));
        if (group == null) {
            dispatcher.subscribe(subject);
        } else {
            dispatcher.subscribe(subject, group);
        }
        flush();
    }

    @Override
    public Optional<Message> request(String subject, Message message, Duration limit) {
        try {
            return Optional.ofNullable(nats.request(toNative(subject, message), limit))
                    .map(PlainNatsClient::toMessage);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void close() {
        try {
            nats.close();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void flush() {
        try {
            nats.flush(LIMIT);
        } catch (TimeoutException e) {
            throw new AssertionError("the broker does not answer a plain client", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static AssertionError interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new AssertionError("interrupted", e);
    }

    private static NatsMessage toNative(String subject, Message message) {
        io.nats.client.impl.Headers headers = new io.nats.client.impl.Headers();
        message.headers().forEach(headers::add);
        message.contentType().ifPresent(type -> headers.put(CONTENT_TYPE, type));
        NatsMessage.Builder builder = NatsMessage.builder().subject(subject).data(message.bytes());
        return headers.isEmpty() ? builder.build() : builder.headers(headers).build();
    }

    private static Message toMessage(io.nats.client.Message message) {
        List<String> pairs = new ArrayList<>();
        io.nats.client.impl.Headers headers = message.getHeaders();
        if (headers != null) {
            headers.forEach((name, values) -> values.forEach(value -> {
                pairs.add(name);
                pairs.add(value);
            }));
        }
        Headers all = Headers.received(pairs.toArray(new String[0]));
        return Message.wrap(
                message.getData(),
                all.without(CONTENT_TYPE),
                all.first(CONTENT_TYPE).orElse(null));
    }

    /** A TLS socket can not end its reading, for which the client waits a second when it closes; the socket below it can. */
    public static final class QuicklyClosed extends SocketDataPort {
        private volatile Socket below;

        @Override
        public void upgradeToSecure() throws IOException {
            below = socket;
            super.upgradeToSecure();
        }

        @Override
        public void shutdownInput() throws IOException {
            if (below == null) {
                super.shutdownInput();
            } else {
                below.shutdownInput();
            }
        }
    }

    private final class Received implements RawMessage {
        private final io.nats.client.Message message;

        Received(io.nats.client.Message message) {
            this.message = message;
        }

        @Override
        public String subject() {
            return message.getSubject();
        }

        @Override
        public Message message() {
            return toMessage(message);
        }

        @Override
        public boolean asksForReply() {
            return message.getReplyTo() != null;
        }

        @Override
        public Optional<String> replySubject() {
            return Optional.ofNullable(message.getReplyTo());
        }

        @Override
        public void reply(Message reply) {
            publish(message.getReplyTo(), reply);
        }
    }
}
