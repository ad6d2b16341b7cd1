package dev.antiphon.benchmarks.peers;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What a careful user writes by hand on amqp-client: direct reply-to on one channel, with the slot's number as the correlation id. It
 * has no timeout, no table and no confirms, so it is a limit rather than a rival.
 */
final class RabbitRequester implements Requester {

    private static final String REPLY_TO = "amq.rabbitmq.reply-to";

    private final Channel channel;
    private final boolean guarded;
    private final List<Answer> answers = new CopyOnWriteArrayList<>();

    private RabbitRequester(ConnectionFactory factory, String url, boolean guarded) throws Exception {
        this.guarded = guarded;
        factory.setUri(url);
        Connection connection = factory.newConnection("bench-requester");
        channel = connection.createChannel();
        channel.basicConsume(REPLY_TO, true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties reply, byte[] body) {
                answers.get(Integer.parseInt(reply.getCorrelationId())).replied(body.length);
            }
        });
    }

    /** As the client comes: a write to the socket for each request. */
    static RabbitRequester plain(String url) throws Exception {
        return new RabbitRequester(new ConnectionFactory(), url, false);
    }

    /** With {@link CoalescingSockets}. */
    static RabbitRequester coalesced(String url) throws Exception {
        return new RabbitRequester(CoalescingSockets.factory(), url, false);
    }

    /** To a topic exchange, mandatory, with an expiration and a header: what Antiphon's promises take. */
    static RabbitRequester guarded(String url) throws Exception {
        return new RabbitRequester(new ConnectionFactory(), url, true);
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        BasicProperties.Builder builder =
                new BasicProperties.Builder().replyTo(REPLY_TO).correlationId(Integer.toString(answers.size()));
        if (guarded) {
            builder.expiration("5000").headers(Map.of("timeout", "5000"));
        }
        BasicProperties properties = builder.build();
        String exchange = guarded ? RabbitEcho.EXCHANGE : "";
        answers.add(answer);
        return () -> {
            try {
                channel.basicPublish(exchange, RabbitEcho.QUEUE, guarded, properties, body);
            } catch (IOException e) {
                answer.failed(e);
            }
        };
    }

    @Override
    public int call(byte[] body) {
        throw new UnsupportedOperationException("a publish does not wait for a reply");
    }
}
