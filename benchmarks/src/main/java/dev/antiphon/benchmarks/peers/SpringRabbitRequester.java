package dev.antiphon.benchmarks.peers;

import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.springframework.amqp.core.AnonymousQueue;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.AsyncRabbitTemplate;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

/** {@code AsyncRabbitTemplate} of Spring AMQP. */
final class SpringRabbitRequester implements Requester {

    private static final int PREFETCH = 250;

    private final AsyncRabbitTemplate template;
    private final String queue;

    private SpringRabbitRequester(AsyncRabbitTemplate template, String queue) {
        this.template = template;
        this.queue = queue;
        template.setReceiveTimeout(TimeUnit.SECONDS.toMillis(5));
        template.start();
    }

    /** Over direct reply-to: a channel for each request in flight, from a cache that is large enough for all of them. */
    static SpringRabbitRequester direct(String url) {
        return new SpringRabbitRequester(
                new AsyncRabbitTemplate(new RabbitTemplate(connections(url))), RabbitEcho.QUEUE);
    }

    /** With a reply queue of its own and a listener container, where all requests share it. */
    static SpringRabbitRequester container(String url) {
        return container(url, RabbitEcho.QUEUE);
    }

    /** The same, asking {@link SpringRabbitEcho}. */
    static SpringRabbitRequester ofSpring(String url) {
        return container(url, SpringRabbitEcho.QUEUE);
    }

    private static SpringRabbitRequester container(String url, String queue) {
        CachingConnectionFactory connections = connections(url);
        AnonymousQueue replies = new AnonymousQueue();
        new RabbitAdmin(connections).declareQueue(replies);
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(connections);
        container.setQueueNames(replies.getName());
        container.setPrefetchCount(PREFETCH);
        return new SpringRabbitRequester(
                new AsyncRabbitTemplate(new RabbitTemplate(connections), container, replies.getName()), queue);
    }

    private static CachingConnectionFactory connections(String url) {
        CachingConnectionFactory connections = new CachingConnectionFactory();
        connections.setUri(url);
        connections.setChannelCacheSize(1100);
        return connections;
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        BiConsumer<Message, Throwable> done = (reply, failure) -> {
            if (failure == null) {
                answer.replied(reply.getBody().length);
            } else {
                answer.failed(failure);
            }
        };
        return () -> {
            CompletionStage<Message> reply = template.sendAndReceive("", queue, message(body));
            reply.whenComplete(done);
        };
    }

    /** The template writes into the properties, so each request needs its own. */
    private static Message message(byte[] body) {
        return new Message(body, new MessageProperties());
    }

    @Override
    public int call(byte[] body) {
        return template.sendAndReceive("", queue, message(body)).join().getBody().length;
    }
}
