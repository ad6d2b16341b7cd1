package dev.antiphon.benchmarks.peers;

import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.requestreply.ReplyingKafkaTemplate;

/** {@code ReplyingKafkaTemplate} of Spring with a reply topic of its own and a producer that does not linger. */
final class SpringKafkaRequester implements Requester {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration READY = Duration.ofSeconds(30);

    private final ReplyingKafkaTemplate<byte[], byte[], byte[]> template;
    private final String topic;

    SpringKafkaRequester(String url) throws Exception {
        this(url, KafkaClients.TOPIC);
    }

    /** Asks {@link SpringKafkaEcho}. */
    static SpringKafkaRequester ofSpring(String url) throws Exception {
        return new SpringKafkaRequester(url, SpringKafkaEcho.TOPIC);
    }

    private SpringKafkaRequester(String url, String topic) throws Exception {
        this.topic = topic;
        String replyTopic = "bench.spring-replies-" + ProcessHandle.current().pid();
        KafkaClients.create(url, replyTopic);
        ContainerProperties properties = new ContainerProperties(replyTopic);
        properties.setGroupId(UUID.randomUUID().toString());
        Map<String, Object> consumer = KafkaClients.properties(url);
        consumer.put("auto.offset.reset", "latest");
        KafkaMessageListenerContainer<byte[], byte[]> container = new KafkaMessageListenerContainer<>(
                new DefaultKafkaConsumerFactory<>(consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                properties);
        template = new ReplyingKafkaTemplate<>(
                new DefaultKafkaProducerFactory<>(
                        KafkaClients.producerProperties(url), new ByteArraySerializer(), new ByteArraySerializer()),
                container);
        template.setDefaultReplyTimeout(LIMIT);
        template.setSharedReplyTopic(false);
        template.start();
        if (!template.waitForAssignment(READY)) {
            throw new IllegalStateException("the reply topic was not assigned within " + READY);
        }
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        BiConsumer<ConsumerRecord<byte[], byte[]>, Throwable> done = (reply, failure) -> {
            if (failure == null) {
                answer.replied(reply.value().length);
            } else {
                answer.failed(failure);
            }
        };
        return () -> {
            CompletionStage<ConsumerRecord<byte[], byte[]>> reply =
                    template.sendAndReceive(new ProducerRecord<>(topic, body));
            reply.whenComplete(done);
        };
    }

    @Override
    public int call(byte[] body) {
        return template.sendAndReceive(new ProducerRecord<>(topic, body)).join().value().length;
    }
}
