package dev.antiphon.benchmarks.peers;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;

/** A plain amqp-client responder: one consumer on one channel, without acknowledgements, that publishes each body back. */
final class RabbitEcho {

    static final String QUEUE = "bench.echo";

    private final Connection connection;

    private RabbitEcho(ConnectionFactory factory, String url) throws Exception {
        factory.setUri(url);
        connection = factory.newConnection("bench-echo");
        Channel channel = connection.createChannel();
        channel.queueDeclare(QUEUE, false, false, true, null);
        channel.basicConsume(QUEUE, true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties request, byte[] body)
                    throws IOException {
                BasicProperties reply = new BasicProperties.Builder()
                        .correlationId(request.getCorrelationId())
                        .build();
                channel.basicPublish("", request.getReplyTo(), reply, body);
            }
        });
    }

    /** As the client comes: a write to the socket for each reply. */
    static RabbitEcho plain(String url) throws Exception {
        return new RabbitEcho(new ConnectionFactory(), url);
    }

    /** With {@link CoalescingSockets}. */
    static RabbitEcho coalesced(String url) throws Exception {
        return new RabbitEcho(CoalescingSockets.factory(), url);
    }
}
