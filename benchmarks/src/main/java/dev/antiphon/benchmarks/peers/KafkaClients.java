package dev.antiphon.benchmarks.peers;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What the plain peers over Kafka have in common, with the settings that make it quick: nothing waits for more to come. */
final class KafkaClients {

    static final String TOPIC = "bench.plain";

    private KafkaClients() {}

    static Map<String, Object> properties(String url) {
        URI uri = URI.create(url);
        Map<String, Object> all = new HashMap<>();
        all.put("bootstrap.servers", uri.getHost() + ":" + uri.getPort());
        all.put("enable.metrics.push", "false");
        return all;
    }

    /** With one produce request in flight, which is quicker. The query of the URL, if it has one, is one property more. */
    static Map<String, Object> producerProperties(String url) {
        Map<String, Object> all = properties(url);
        all.put("linger.ms", "0");
        all.put("batch.size", "65536");
        all.put("max.in.flight.requests.per.connection", "1");
        String query = URI.create(url).getQuery();
        if (query != null) {
            String[] property = query.split("=", 2);
            all.put(property[0], property[1]);
        }
        return all;
    }

    static KafkaProducer<byte[], byte[]> producer(String url) {
        return new KafkaProducer<>(producerProperties(url), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A topic with one partition. */
    static void create(String url, String topic) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(properties(url))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /** Reads a topic on a thread of its own, from its end on; when this returns, what is sent from now on is read. */
    static void read(String url, String topic, Consumer<ConsumerRecord<byte[], byte[]>> receiver)
            throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(1);
        Thread thread = new Thread(() -> loop(url, topic, receiver, ready), "bench-reader");
        thread.setDaemon(true);
        thread.start();
        ready.await();
    }

    private static void loop(
            String url, String topic, Consumer<ConsumerRecord<byte[], byte[]>> receiver, CountDownLatch ready) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties(url), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToEnd(List.of(partition));
            consumer.position(partition);
            ready.countDown();
            while (!Thread.currentThread().isInterrupted()) {
                consumer.poll(Duration.ofMillis(500)).forEach(receiver);
            }
        }
    }
}
