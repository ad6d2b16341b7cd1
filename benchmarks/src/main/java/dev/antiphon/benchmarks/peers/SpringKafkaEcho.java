package dev.antiphon.benchmarks.peers;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.messaging.handler.annotation.SendTo;

/** {@code @KafkaListener} with {@code @SendTo} as a service made with Spring has it, and a producer that does not linger. */
final class SpringKafkaEcho {

    /** A topic of its own: that of {@link KafkaEcho} is read without a group. */
    static final String TOPIC = "bench.spring";

    private static final Duration READY = Duration.ofSeconds(30);
    private static final long LOOK_AGAIN_MILLIS = 20;

    private final AnnotationConfigApplicationContext context;

    SpringKafkaEcho(String url) throws Exception {
        KafkaClients.create(url, TOPIC);
        context = new AnnotationConfigApplicationContext();
        context.registerBean(
                "kafkaListenerContainerFactory", ConcurrentKafkaListenerContainerFactory.class, () -> containers(url));
        context.register(Listener.class);
        context.refresh();
        KafkaListenerEndpointRegistry registry = context.getBean(KafkaListenerEndpointRegistry.class);
        long giveUp = System.nanoTime() + READY.toNanos();
        while (!isReady(registry)) {
            if (System.nanoTime() - giveUp > 0) {
                throw new IllegalStateException("the listener got no partition within " + READY);
            }
            Thread.sleep(LOOK_AGAIN_MILLIS);
        }
    }

    private static boolean isReady(KafkaListenerEndpointRegistry registry) {
        return registry.getAllListenerContainers().stream()
                .map(MessageListenerContainer::getAssignedPartitions)
                .allMatch(partitions -> partitions != null && !partitions.isEmpty());
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
