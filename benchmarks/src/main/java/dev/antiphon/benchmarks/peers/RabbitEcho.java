package dev.antiphon.benchmarks.peers;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;

/** A plain amqp-client responder: one consumer on one channel that publishes each body back. */
final class RabbitEcho {

    static final String QUEUE = "bench.echo";
    static final String EXCHANGE = "bench";

    /** More than are in flight. */
    private static final int PREFETCH = 1500;

    private final Connection connection;

    private RabbitEcho(ConnectionFactory factory, String url, boolean guarded) throws Exception {
        factory.setUri(url);
        connection = factory.newConnection("bench-echo");
        Channel channel = connection.createChannel();
        channel.queueDeclare(QUEUE, false, false, true, null);
        if (guarded) {
            channel.exchangeDeclare(EXCHANGE, BuiltinExchangeType.TOPIC);
            channel.queueBind(QUEUE, EXCHANGE, QUEUE);
            channel.basicQos(PREFETCH);
        }
        channel.basicConsume(QUEUE, !guarded, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties request, byte[] body)
                    throws IOException {
                BasicProperties reply = new BasicProperties.Builder()
                        .correlationId(request.getCorrelationId())
                        .build();
                channel.basicPublish("", request.getReplyTo(), reply, body);
                if (guarded) {
                    channel.basicAck(envelope.getDeliveryTag(), false);
                }
            }
        });
    }

    /** As the client comes: a write to the socket for each reply; without acknowledgements. */
    static RabbitEcho plain(String url) throws Exception {
        return new RabbitEcho(new ConnectionFactory(), url, false);
    }

    /** With {@link CoalescingSockets}. */
    static RabbitEcho coalesced(String url) throws Exception {
        return new RabbitEcho(CoalescingSockets.factory(), url, false);
    }

    /** Bound to a topic exchange, with a prefetch, and acknowledged after the reply. */
    static RabbitEcho guarded(String url) throws Exception {
        return new RabbitEcho(new ConnectionFactory(), url, true);
    }
}
