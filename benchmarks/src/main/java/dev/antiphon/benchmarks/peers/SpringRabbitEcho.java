package dev.antiphon.benchmarks.peers;

import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.adapter.MessageListenerAdapter;

/** What {@code @RabbitListener} is made of, with its defaults: one consumer, acknowledged by the container after the reply. */
final class SpringRabbitEcho {

    /** A queue of its own: that of {@link RabbitEcho} is declared otherwise. */
    static final String QUEUE = "bench.spring";

    private final SimpleMessageListenerContainer container;

    SpringRabbitEcho(String url) {
        CachingConnectionFactory connections = new CachingConnectionFactory();
        connections.setUri(url);
        new RabbitAdmin(connections).declareQueue(new Queue(QUEUE, false, false, true));
        container = new SimpleMessageListenerContainer(connections);
        container.setQueueNames(QUEUE);
        container.setMessageListener(new MessageListenerAdapter(new Echo(), "echo"));
        container.start();
    }

    /** Called by name. */
    public static final class Echo {
        /** Gives back what it got. */
        public byte[] echo(byte[] body) {
            return body;
        }
    }
}
