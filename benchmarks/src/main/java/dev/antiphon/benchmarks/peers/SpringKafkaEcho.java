package dev.antiphon.benchmarks.peers;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;
import org.springframework.messaging.handler.annotation.SendTo;

/** {@code @KafkaListener} with {@code @SendTo} as a service made with Spring has it, and a producer that does not linger. */
final class SpringKafkaEcho {

    /** A topic of its own: that of {@link KafkaEcho} is read without a group. */
    static final String TOPIC = "bench.spring";

    private static final Duration READY = Duration.ofSeconds(30);

    private final AnnotationConfigApplicationContext context;

    SpringKafkaEcho(String url) throws Exception {
        KafkaClients.create(url, TOPIC);
        Positioned positioned = new Positioned();
        var containers = containers(url);
        containers.getContainerProperties().setConsumerRebalanceListener(positioned);
        context = new AnnotationConfigApplicationContext();
        context.registerBean(
                "kafkaListenerContainerFactory", ConcurrentKafkaListenerContainerFactory.class, () -> containers);
        context.register(Listener.class);
        context.refresh();
        if (!positioned.done.await(READY.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the listener got no partition within " + READY);
        }
    }

    /** Told when the listener has its partition, and knows where to begin there: what is sent from then on is read. */
    private static final class Positioned implements ConsumerAwareRebalanceListener {
        private final CountDownLatch done = new CountDownLatch(1);

        @Override
        public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
            partitions.forEach(consumer::position);
            done.countDown();
        }
    }

    private static ConcurrentKafkaListenerContainerFactory<byte[], byte[]> containers(String url) {
        Map<String, Object> consumer = KafkaClients.properties(url);
        consumer.put("auto.offset.reset", "latest");
        var factory = new ConcurrentKafkaListenerContainerFactory<byte[], byte[]>();
        factory.setConsumerFactory(
                new DefaultKafkaConsumerFactory<>(consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
        factory.setReplyTemplate(new KafkaTemplate<>(new DefaultKafkaProducerFactory<byte[], byte[]>(
                KafkaClients.producerProperties(url), new ByteArraySerializer(), new ByteArraySerializer())));
        return factory;
    }

    /** The service. */
    @EnableKafka
    public static class Listener {
        /** Gives back what it got. */
        @KafkaListener(topics = TOPIC, groupId = "bench")
        @SendTo
        public byte[] echo(byte[] body) {
            return body;
        }
    }
}
