package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.impl.ForgivingExceptionHandler;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client of RabbitMQ's own kind, without recovery. */
final class PlainRabbit implements AutoCloseable {
    private static final int MILLIS = 30_000;

    private final Connection connection;
    private final Channel channel;

    private PlainRabbit(Connection connection) throws IOException {
        this.connection = connection;
        channel = connection.createChannel();
    }

    interface Change {
        void apply(ConnectionFactory factory) throws Exception;
    }

    static PlainRabbit of(RabbitBroker broker) throws Exception {
        return of(broker.url(), "plain", factory -> {});
    }

    static PlainRabbit of(String url, String name, Change change) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(url);
        factory.setAutomaticRecoveryEnabled(false);
        factory.setConnectionTimeout(MILLIS);
        factory.setExceptionHandler(new Quiet());
        change.apply(factory);
        return new PlainRabbit(factory.newConnection(name));
    }

    Connection connection() {
        return connection;
    }

    Channel channel() {
        return channel;
    }

    /** A message goes to the server and comes back. */
    void assertServed() throws IOException {
        String queue = channel.queueDeclare().getQueue();
        assertThat(echo(queue)).isEqualTo("hello");
        channel.queueDelete(queue);
    }

    /** Stores a message in a durable queue. */
    void store(String queue, String body) throws IOException, InterruptedException, TimeoutException {
        channel.queueDeclare(queue, true, false, false, null);
        channel.confirmSelect();
        channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body.getBytes(UTF_8));
        channel.waitForConfirmsOrDie(MILLIS);
    }

    /** Takes a message out of a queue. */
    String stored(String queue) throws IOException {
        return new String(channel.basicGet(queue, true).getBody(), UTF_8);
    }

    private String echo(String queue) throws IOException {
        CompletableFuture<String> body = new CompletableFuture<>();
        channel.basicConsume(
                queue, true, (tag, delivery) -> body.complete(new String(delivery.getBody(), UTF_8)), tag -> {});
        channel.basicPublish("", queue, new AMQP.BasicProperties(), "hello".getBytes(UTF_8));
        return body.orTimeout(MILLIS, TimeUnit.MILLISECONDS).join();
    }

    @Override
    public void close() {
        connection.abort(MILLIS);
    }

    /** The one that a client has by default prints all that the tests provoke. */
    private static final class Quiet extends ForgivingExceptionHandler {
        @Override
        protected void log(String message, Throwable failure) {}
    }
}
