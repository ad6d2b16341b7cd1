package dev.antiphon.benchmarks.peers;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** A plain responder on kafka-clients: it reads one topic without a group, and answers where the headers of Spring say. */
final class KafkaEcho {

    private static final String CORRELATION = "kafka_correlationId";

    private final KafkaProducer<byte[], byte[]> producer;

    KafkaEcho(String url) throws Exception {
        KafkaClients.create(url, KafkaClients.TOPIC);
        producer = KafkaClients.producer(url);
        KafkaClients.read(url, KafkaClients.TOPIC, this::answer);
    }

    private void answer(ConsumerRecord<byte[], byte[]> request) {
        String topic =
                new String(request.headers().lastHeader("kafka_replyTopic").value(), StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> reply = new ProducerRecord<>(topic, request.value());
        reply.headers()
                .add(CORRELATION, request.headers().lastHeader(CORRELATION).value());
        Future<RecordMetadata> unused = producer.send(reply);
    }
}
