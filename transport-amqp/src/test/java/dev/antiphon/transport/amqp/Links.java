package dev.antiphon.transport.amqp;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.InboundMessage.Settlement;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportConfig.Address;
import dev.antiphon.spi.TransportSubscription;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Transports and plain clients of a test; closes them at its end. */
final class Links implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(20);

    static final SendCallback IGNORE = new SendCallback() {
        @Override
        public void onSent() {}

        @Override
        public void onFailed(AntiphonException failure) {}
    };

    private final String name = "test-" + UUID.randomUUID();
    private final List<Transport> transports = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();

    Transport create(
            String scheme,
            List<Address> addresses,
            String vhost,
            @Nullable String user,
            @Nullable String password,
            Map<String, String> options) {
        Map<String, String> all = new HashMap<>(Map.of("heartbeat", "1s", "reconnect-wait", "50ms"));
        all.putAll(options);
        Transport transport = new AmqpTransportProvider()
                .create(new TransportConfig(scheme, addresses, vhost, user, password, name, all));
        transports.add(transport);
        return transport;
    }

    Transport create(InetSocketAddress to, Map<String, String> options) {
        return create("amqp", List.of(address(to)), "", null, null, options);
    }

    Transport start(InetSocketAddress to, Recorder listener, Map<String, String> options) {
        Transport transport = create(to, options);
        await(transport.start(listener));
        return transport;
    }

    Transport start(RabbitBroker broker) {
        return start(broker.address(), new Recorder(), Map.of());
    }

    /** The name of the connections of these transports. */
    String name() {
        return name;
    }

    /** The names of the threads that these transports have now. */
    List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(thread -> thread.contains(name))
                .toList();
    }

    /** What is not Antiphon. */
    Connection plainClient(RabbitBroker broker) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
        factory.setHost(broker.address().getHostString());
        factory.setPort(broker.address().getPort());
        try {
            Connection connection = factory.newConnection();
            connections.add(connection);
            return connection;
        } catch (IOException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    static Address address(InetSocketAddress address) {
        return new Address(address.getHostString(), address.getPort());
    }

    /** Subscribes, and settles what was handled. */
    static TransportSubscription subscribe(
            Transport transport, String subject, @Nullable String group, InboundHandler handler) {
        return await(transport.subscribe(new SubscribeSpec(subject, group, 100, false), message -> {
            handler.onMessage(message);
            message.settle(Settlement.ACCEPT);
        }));
    }

    /** Answers each request with a message. */
    static void echo(Transport transport, String subject, @Nullable String group) {
        subscribe(
                transport,
                subject,
                group,
                request -> transport.reply(
                        request.replyAddress(), new OutboundMessage(request.subject(), request.message(), 0), IGNORE));
    }

    static ReplyChannel openChannel(Transport transport, ReplyHandler replies) {
        return await(transport.openReplyChannel("0123456789ABCDEFGHIJKL", replies));
    }

    static OutboundMessage message(String subject, String body) {
        return new OutboundMessage(subject, Message.of(body), 0);
    }

    static void flush(Transport transport) {
        await(transport.flush(LIMIT));
    }

    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** What a stage fails with. */
    static AntiphonException failureOf(CompletionStage<?> stage) {
        try {
            Object value = stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            throw new AssertionError("did not fail but ended with " + value);
        } catch (ExecutionException e) {
            return (AntiphonException) e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        connections.forEach(Connection::abort);
        transports.forEach(transport -> transport.close(LIMIT));
    }
}
