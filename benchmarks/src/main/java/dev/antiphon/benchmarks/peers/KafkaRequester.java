package dev.antiphon.benchmarks.peers;

import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * What a careful user writes by hand on kafka-clients: a reply topic of its own, read without a group, with the slot's number as the
 * correlation id. It has no timeout, no table and nobody who says that nobody answers, so it is a limit rather than a rival.
 */
final class KafkaRequester implements Requester {

    private static final String CORRELATION = "kafka_correlationId";

    private final KafkaProducer<byte[], byte[]> producer;
    private final String replyTopic = "bench.replies-" + ProcessHandle.current().pid();
    private final List<Answer> answers = new CopyOnWriteArrayList<>();

    KafkaRequester(String url) throws Exception {
        KafkaClients.create(url, replyTopic);
        KafkaClients.read(url, replyTopic, this::deliver);
        producer = KafkaClients.producer(url);
    }

    private void deliver(ConsumerRecord<byte[], byte[]> reply) {
        int slot =
                ByteBuffer.wrap(reply.headers().lastHeader(CORRELATION).value()).getInt();
        answers.get(slot).replied(reply.value().length);
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        byte[] slot = ByteBuffer.allocate(Integer.BYTES).putInt(answers.size()).array();
        byte[] replyTo = replyTopic.getBytes(StandardCharsets.UTF_8);
        answers.add(answer);
        return () -> {
            ProducerRecord<byte[], byte[]> request = new ProducerRecord<>(KafkaClients.TOPIC, body);
            request.headers().add(CORRELATION, slot).add("kafka_replyTopic", replyTo);
            Future<RecordMetadata> unused = producer.send(request);
        };
    }

    @Override
    public int call(byte[] body) {
        throw new UnsupportedOperationException("a publish does not wait for a reply");
    }
}
