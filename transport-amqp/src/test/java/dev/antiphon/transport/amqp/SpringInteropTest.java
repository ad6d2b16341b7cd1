package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RespondOptions;
import dev.antiphon.conformance.broker.RabbitBrokers;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.AsyncRabbitTemplate;
import org.springframework.amqp.rabbit.annotation.EnableRabbit;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.config.SimpleRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.handler.annotation.Header;

/** Programs that use Spring AMQP call ours, and are called, without knowing of Antiphon. */
class SpringInteropTest {

    private static final String URL = RabbitBrokers.shared().url();

    private final String queue = "spring-" + UUID.randomUUID();
    private final Messenger messenger = Messenger.connect(URL + "?subjects=queues");
    private final CachingConnectionFactory connections = connections();

    @AfterEach
    void close() {
        messenger.close();
        connections.destroy();
    }

    private static CachingConnectionFactory connections() {
        CachingConnectionFactory connections = new CachingConnectionFactory();
        connections.setUri(URL);
        return connections;
    }

    @Test
    void respond_toRabbitTemplate_answersIt() {
        LinkedBlockingQueue<Message> requests = new LinkedBlockingQueue<>();
        messenger.respond(queue, request -> {
            requests.add(request.message());
            return Message.of("hello " + request.text()).withContentType("text/plain");
        });
        RabbitTemplate template = new RabbitTemplate(connections);

        Object reply = template.convertSendAndReceive("", queue, "Ada", message -> {
            message.getMessageProperties().setHeader("attempt", 3);
            return message;
        });

        assertThat(reply).isEqualTo("hello Ada");
        Message request = requests.remove();
        assertThat(request.contentType()).contains("text/plain");
        assertThat(request.header("attempt")).contains("3");
    }

    @Test
    void respond_toRabbitTemplateWithAReplyQueueOfItsOwn_answersIt() {
        messenger.respond(queue, SpringInteropTest::greet);
        RabbitTemplate template = new RabbitTemplate(connections);
        template.setUseTemporaryReplyQueues(true);
        assertThat(template.convertSendAndReceive("", queue, "Ada")).isEqualTo("hello Ada");
    }

    @Test
    void respond_toAsyncRabbitTemplate_answersEachOfManyRequests() throws Exception {
        messenger.respond(queue, SpringInteropTest::greet, RespondOptions.queueGroup("g"));
        AsyncRabbitTemplate template = new AsyncRabbitTemplate(new RabbitTemplate(connections));
        template.start();
        try {
            List<CompletableFuture<String>> replies = IntStream.range(0, 100)
                    .mapToObj(i -> (CompletableFuture<String>)
                            template.<String>convertSendAndReceive("", queue, Integer.toString(i)))
                    .toList();
            for (int i = 0; i < replies.size(); i++) {
                assertThat(replies.get(i).get(20, TimeUnit.SECONDS)).isEqualTo("hello " + i);
            }
        } finally {
            template.stop();
        }
    }

    @Test
    void request_toARabbitListener_isAnsweredWithItsHeaders() {
        try (AnnotationConfigApplicationContext spring = listener(queue)) {
            Message question =
                    Message.of("Ada").withContentType("text/plain").withHeaders(Headers.of("language", "de"));
            Message reply = messenger.request(queue, question).join();
            assertThat(reply.text()).isEqualTo("hallo Ada");
            assertThat(reply.contentType()).contains("text/plain");
            assertThat(reply.header("answered-by")).contains("spring");
            assertThat(spring.isActive()).isTrue();
        }
        await().untilAsserted(() -> assertThat(catchThrowableOfType(
                                AntiphonException.class,
                                () -> messenger.request(queue, Message.empty()).join())
                        .code())
                .isEqualTo(ErrorCode.NO_RESPONDERS));
    }

    private static Message greet(Request request) {
        return Message.of("hello " + request.text()).withContentType("text/plain");
    }

    /** What a program with Spring Boot would have: a listener that is found by its annotation. */
    private static AnnotationConfigApplicationContext listener(String queue) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean("rpcQueue", Queue.class, () -> new Queue(queue, false, false, true));
        context.register(ListenerConfiguration.class);
        context.refresh();
        return context;
    }

    @Configuration
    @EnableRabbit
    static class ListenerConfiguration {
        @Bean(destroyMethod = "destroy")
        CachingConnectionFactory connectionFactory() {
            return connections();
        }

        @Bean
        RabbitAdmin admin(ConnectionFactory connections) {
            return new RabbitAdmin(connections);
        }

        @Bean
        SimpleRabbitListenerContainerFactory rabbitListenerContainerFactory(ConnectionFactory connections) {
            SimpleRabbitListenerContainerFactory factory = new SimpleRabbitListenerContainerFactory();
            factory.setConnectionFactory(connections);
            return factory;
        }

        @Bean
        Greeter greeter() {
            return new Greeter();
        }
    }

    static final class Greeter {
        @RabbitListener(queues = "#{rpcQueue.name}")
        org.springframework.amqp.core.Message greet(String name, @Header("language") String language) {
            String text = (language.equals("de") ? "hallo " : "hello ") + name;
            return MessageBuilder.withBody(text.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                    .setContentType("text/plain")
                    .setHeader("answered-by", "spring")
                    .build();
        }
    }
}
