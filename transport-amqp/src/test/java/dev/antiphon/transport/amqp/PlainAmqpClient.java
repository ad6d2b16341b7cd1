package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.RawMessage;
import dev.antiphon.conformance.broker.TestCertificates;
import dev.antiphon.spi.ControlHeaders;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A plain amqp-client program. Subjects are routing keys of the exchange {@code antiphon}; a header with several values is
 * an array.
 */
final class PlainAmqpClient implements RawClient {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String EXCHANGE = "antiphon";
    private static final String DIRECT_REPLY = "amq.rabbitmq.reply-to";

    private final Connection rabbit;
    private final Channel channel;

    private PlainAmqpClient(Connection rabbit) throws IOException {
        this.rabbit = rabbit;
        channel = rabbit.createChannel();
        channel.exchangeDeclare(EXCHANGE, BuiltinExchangeType.TOPIC, true);
        channel.confirmSelect();
    }

    static PlainAmqpClient open(String url) {
        URI uri = URI.create(url);
        ConnectionFactory factory = new ConnectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
        factory.setHost(uri.getHost());
        factory.setPort(uri.getPort());
        if (uri.getScheme().equals("amqps")) {
            factory.useSslProtocol(TestCertificates.trusting());
        }
        try {
            return new PlainAmqpClient(factory.newConnection());
        } catch (IOException | TimeoutException e) {
            throw new AssertionError("a plain client does not get a connection to " + url, e);
        }
    }

    @Override
    public void publish(String subject, Message message) {
        send(EXCHANGE, subject, toNative(message).build(), message);
    }

    private synchronized void send(String exchange, String key, BasicProperties properties, Message message) {
        try {
            channel.basicPublish(exchange, key, properties, message.bytes());
            channel.waitForConfirmsOrDie(LIMIT.toMillis());
        } catch (IOException | TimeoutException e) {
            throw new AssertionError("a plain client can not publish", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void subscribe(String subject, String group, Consumer<RawMessage> receiver) {
        try {
            Channel own = rabbit.createChannel();
            String queue = group == null
                    ? own.queueDeclare().getQueue()
                    : own.queueDeclare("plain." + group + "." + subject, false, false, true, null)
                            .getQueue();
            own.queueBind(queue, EXCHANGE, subject.replaceFirst(">$", "*.#"));
            own.basicConsume(queue, true, (tag, delivery) -> receiver.accept(new Received(delivery)), tag -> {});
        } catch (IOException e) {
            throw new AssertionError("a plain client can not subscribe", e);
        }
    }

    @Override
    public Optional<Message> request(String subject, Message message, Duration limit) {
        BlockingQueue<Message> replies = new ArrayBlockingQueue<>(16);
        try {
            Channel own = rabbit.createChannel();
            own.basicConsume(DIRECT_REPLY, true, (tag, delivery) -> replies.offer(toMessage(delivery)), tag -> {});
            BasicProperties properties = toNative(message)
                    .replyTo(DIRECT_REPLY)
                    .correlationId(UUID.randomUUID().toString())
                    .build();
            own.basicPublish(EXCHANGE, subject, true, properties, message.bytes());
            Message reply = replies.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            own.close();
            return Optional.ofNullable(reply);
        } catch (IOException | TimeoutException e) {
            throw new AssertionError("a plain client can not request", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void close() {
        rabbit.abort();
    }

    private static AssertionError interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new AssertionError("interrupted", e);
    }

    private static BasicProperties.Builder toNative(Message message) {
        Map<String, Object> headers = new HashMap<>();
        for (String name : message.headers().names()) {
            List<String> values = message.headers().all(name);
            headers.put(name, values.size() == 1 ? values.get(0) : values);
        }
        BasicProperties.Builder builder = new BasicProperties.Builder();
        message.contentType().ifPresent(builder::contentType);
        return headers.isEmpty() ? builder : builder.headers(headers);
    }

    private static Message toMessage(Delivery delivery) {
        List<String> pairs = new ArrayList<>();
        Map<String, Object> headers = delivery.getProperties().getHeaders();
        if (headers != null) {
            headers.forEach((name, value) -> {
                for (Object one : value instanceof List<?> several ? several : List.of(value)) {
                    pairs.add(name);
                    pairs.add(one.toString());
                }
            });
        }
        String expiration = delivery.getProperties().getExpiration();
        if (expiration != null && !pairs.contains(ControlHeaders.BUDGET)) {
            pairs.addAll(List.of(ControlHeaders.BUDGET, expiration)); // where it travels over this broker
        }
        return Message.wrap(
                delivery.getBody(),
                Headers.received(pairs.toArray(new String[0])),
                delivery.getProperties().getContentType());
    }

    private final class Received implements RawMessage {
        private final Delivery delivery;

        Received(Delivery delivery) {
            this.delivery = delivery;
        }

        @Override
        public String subject() {
            return delivery.getEnvelope().getRoutingKey();
        }

        @Override
        public Message message() {
            return toMessage(delivery);
        }

        @Override
        public boolean asksForReply() {
            return delivery.getProperties().getReplyTo() != null;
        }

        /** The correlation is a property of its own: the address alone is for nobody. */
        @Override
        public Optional<String> replySubject() {
            return Optional.empty();
        }

        @Override
        public void reply(Message reply) {
            BasicProperties properties = toNative(reply)
                    .correlationId(delivery.getProperties().getCorrelationId())
                    .build();
            send("", delivery.getProperties().getReplyTo(), properties, reply);
        }
    }
}
