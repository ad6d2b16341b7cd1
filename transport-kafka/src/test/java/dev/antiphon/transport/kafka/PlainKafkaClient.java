package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.RawMessage;
import dev.antiphon.spi.CorrelationId;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

/**
 * A plain program with Kafka's own clients, that asks and replies as Spring does. It has the names and forms of headers from the documentation,
 * not from the transport; only how a subject becomes the name of a topic is the transport's.
 */
final class PlainKafkaClient implements RawClient {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static final String CORRELATION = "kafka_correlationId";
    private static final String REPLY_TOPIC = "kafka_replyTopic";
    private static final String REPLY_PARTITION = "kafka_replyPartition";
    private static final String CONTENT_TYPE = "contentType";
    private static final String SUBJECT = "antiphon-subject";
    private static final String WAY_BACK = "antiphon-correlation";
    /** Those that are not headers of the message. */
    private static final Set<String> NATIVE =
            Set.of(CORRELATION, REPLY_TOPIC, REPLY_PARTITION, CONTENT_TYPE, SUBJECT, WAY_BACK);

    private static final int REPLY_PARTITIONS = 3;

    private final Map<String, Object> properties;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;
    private final List<Reading> readings = new CopyOnWriteArrayList<>();
    private final String name = "plain-" + UUID.randomUUID();

    private final SubjectMapping mapping;

    private PlainKafkaClient(Map<String, Object> properties, SubjectMapping mapping) {
        this.properties = properties;
        this.mapping = mapping;
        admin = Admin.create(with("client.id", name + "-admin"));
        Map<String, Object> quick = with("client.id", name + "-producer");
        quick.put("linger.ms", "0");
        producer = new KafkaProducer<>(quick, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** @param subjects how subjects become topics, as the option of that name says it */
    static PlainKafkaClient open(String url, String subjects) {
        return new PlainKafkaClient(properties(url), SubjectMapping.of(subjects, Set.of()));
    }

    static Map<String, Object> properties(String url) {
        URI uri = URI.create(url);
        Map<String, Object> all = new HashMap<>();
        all.put("bootstrap.servers", uri.getHost() + ":" + uri.getPort());
        all.put("enable.metrics.push", "false");
        all.put("metric.reporters", "");
        if (uri.getScheme().endsWith("ssl")) {
            all.putAll(PlainTls.PROPERTIES);
        }
        if (uri.getUserInfo() != null) {
            String[] user = uri.getUserInfo().split(":", 2);
            all.merge("security.protocol", "SASL_PLAINTEXT", (plain, tls) -> "SASL_SSL");
            all.put("sasl.mechanism", "PLAIN");
            all.put(
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user[0]
                            + "\" password=\"" + user[1] + "\";");
        }
        return all;
    }

    /** All of them, and what is in them. */
    static void removeTopics(String url) {
        try (Admin admin = Admin.create(properties(url))) {
            admin.deleteTopics(admin.listTopics().names().get()).all().get();
            Awaitility.await("the broker knows that it has no topics")
                    .until(() -> admin.listTopics().names().get().isEmpty());
        } catch (ExecutionException e) {
            throw new AssertionError("can not remove the topics of " + url, e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private Map<String, Object> with(String name, String value) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put(name, value);
        return all;
    }

    private void create(String topic, int partitions) {
        try {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new AssertionError("can not create " + topic, e);
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void publish(String subject, Message message) {
        send(ReplyPlace.isText(subject) ? ReplyPlace.parse(subject).record(message) : record(subject, message));
    }

    private ProducerRecord<byte[], byte[]> record(String subject, Message message) {
        String topic = mapping.topicOf(subject);
        create(topic, 1);
        ProducerRecord<byte[], byte[]> record = record(topic, null, message);
        if (mapping.needsHeader(topic)) {
            record.headers().add(SUBJECT, subject.getBytes(UTF_8));
        }
        return record;
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, Integer partition, Message message) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, null, message.bytes());
        message.headers().forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
        message.contentType().ifPresent(type -> record.headers().add(CONTENT_TYPE, type.getBytes(UTF_8)));
        return record;
    }

    private static Message message(ConsumerRecord<byte[], byte[]> record) {
        List<String> pairs = new ArrayList<>();
        for (Header header : record.headers()) {
            if (!NATIVE.contains(header.key())) {
                pairs.add(header.key());
                pairs.add(new String(header.value(), UTF_8));
            }
        }
        byte[] type = header(record, CONTENT_TYPE);
        return Message.wrap(
                record.value(),
                Headers.received(pairs.toArray(new String[0])),
                type == null ? null : new String(type, UTF_8));
    }

    /** The value of a header, or null. */
    private static byte[] header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : header.value();
    }

    private String subjectOf(ConsumerRecord<byte[], byte[]> record) {
        String subject = mapping.subjectOf(record.topic());
        byte[] told = header(record, SUBJECT);
        return subject != null || told == null ? subject : new String(told, UTF_8);
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the broker does not take " + record, e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void subscribe(String subject, String group, Consumer<RawMessage> receiver) {
        String topic = mapping.topicOf(subject);
        create(topic, 1);
        Map<String, Object> config = with("client.id", name + "-" + readings.size());
        config.put("group.id", group == null ? UUID.randomUUID().toString() : group);
        config.put("auto.offset.reset", "latest");
        config.put("fetch.max.wait.ms", "100");
        read(config, consumer -> consumer.subscribe(List.of(topic)), record -> {
            if (subject.equals(subjectOf(record))) {
                receiver.accept(new Received(record));
            }
        });
    }

    private void read(
            Map<String, Object> config,
            Consumer<KafkaConsumer<byte[], byte[]>> start,
            Consumer<ConsumerRecord<byte[], byte[]>> receiver) {
        Reading reading = new Reading(config, start, receiver);
        readings.add(reading);
        reading.thread.start();
        try {
            reading.ready.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("a plain client does not get to read", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public Optional<Message> request(String subject, Message message, Duration limit) {
        String replies = "plain-replies-" + UUID.randomUUID();
        byte[] correlation = UUID.randomUUID().toString().getBytes(UTF_8);
        TopicPartition place = new TopicPartition(replies, REPLY_PARTITIONS - 1);
        create(replies, REPLY_PARTITIONS);
        CompletableFuture<Message> reply = new CompletableFuture<>();
        read(with("client.id", name + "-" + readings.size()), consumer -> consumer.assign(List.of(place)), record -> {
            if (Arrays.equals(correlation, header(record, CORRELATION))) {
                reply.complete(message(record));
            }
        });
        ProducerRecord<byte[], byte[]> record = record(subject, message);
        record.headers()
                .add(REPLY_TOPIC, replies.getBytes(UTF_8))
                .add(
                        REPLY_PARTITION,
                        ByteBuffer.allocate(Integer.BYTES)
                                .putInt(place.partition())
                                .array())
                .add(CORRELATION, correlation);
        send(record);
        try {
            return Optional.of(reply.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void close() {
        readings.forEach(Reading::close);
        producer.close(Duration.ZERO);
        admin.close(Duration.ZERO);
    }

    private static AssertionError interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new AssertionError("interrupted", e);
    }

    /** A consumer and its thread. */
    private static final class Reading implements Runnable {
        private final CompletableFuture<Void> ready = new CompletableFuture<>();
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final Consumer<KafkaConsumer<byte[], byte[]>> start;
        private final Consumer<ConsumerRecord<byte[], byte[]>> receiver;
        private final Thread thread = new Thread(this, "plain-client");
        private volatile boolean closed;

        Reading(
                Map<String, Object> config,
                Consumer<KafkaConsumer<byte[], byte[]>> start,
                Consumer<ConsumerRecord<byte[], byte[]>> receiver) {
            this.consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            this.start = start;
            this.receiver = receiver;
            thread.setDaemon(true);
        }

        @Override
        public void run() {
            try (consumer) {
                start.accept(consumer);
                if (!consumer.assignment().isEmpty()) {
                    consumer.seekToEnd(consumer.assignment());
                }
                while (!closed) {
                    consumer.poll(Duration.ofMillis(20)).forEach(receiver);
                    if (!ready.isDone() && !consumer.assignment().isEmpty()) {
                        consumer.assignment().forEach(consumer::position);
                        ready.complete(null);
                    }
                }
            } catch (RuntimeException e) {
                ready.completeExceptionally(e);
            }
        }

        /** Waits until the group knows, too. */
        void close() {
            closed = true;
            try {
                thread.join(LIMIT.toMillis());
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    private final class Received implements RawMessage {
        private final ConsumerRecord<byte[], byte[]> record;

        Received(ConsumerRecord<byte[], byte[]> record) {
            this.record = record;
        }

        @Override
        public String subject() {
            return subjectOf(record);
        }

        @Override
        public Message message() {
            return PlainKafkaClient.message(record);
        }

        @Override
        public boolean asksForReply() {
            return header(record, REPLY_TOPIC) != null;
        }

        @Override
        public Optional<String> replySubject() {
            return asksForReply() ? Optional.of(replyPlace().toText()) : Optional.empty();
        }

        @Override
        public void reply(Message reply) {
            send(replyPlace().record(reply));
        }

        private ReplyPlace replyPlace() {
            byte[] partition = header(record, REPLY_PARTITION);
            if (partition != null) {
                assertThat(partition).as(REPLY_PARTITION).hasSize(Integer.BYTES);
            }
            return new ReplyPlace(
                    new String(header(record, REPLY_TOPIC), UTF_8),
                    partition == null ? null : ByteBuffer.wrap(partition).getInt(),
                    new String(header(record, CORRELATION), ISO_8859_1));
        }
    }

    /**
     * Where a reply goes, and what it carries so that its request is found. As text it looks like the subjects that other brokers have
     * for it: what all requests of a messenger have in common, a dot, and the id of the request.
     *
     * @param partition null for any
     */
    private record ReplyPlace(String topic, Integer partition, String correlation) {
        /** No subject begins so. */
        private static final String BEGIN = "reply ";

        private static final String ANY = "-";

        ProducerRecord<byte[], byte[]> record(Message message) {
            ProducerRecord<byte[], byte[]> record = PlainKafkaClient.record(topic, partition, message);
            record.headers().add(CORRELATION, correlation.getBytes(ISO_8859_1));
            return record;
        }

        /** The partition as bits: two values at each place, which nobody takes for randomness. */
        String toText() {
            String bits = partition == null ? ANY : Integer.toBinaryString(partition | 1 << 16);
            int id = Math.max(0, correlation.length() - CorrelationId.LENGTH);
            return BEGIN + topic + ' ' + bits + ' ' + correlation.substring(0, id) + '.' + correlation.substring(id);
        }

        static boolean isText(String subject) {
            return subject.startsWith(BEGIN);
        }

        static ReplyPlace parse(String text) {
            String[] parts = text.split(" ", 4);
            Integer partition = parts[2].equals(ANY) ? null : Integer.parseInt(parts[2], 2) & 0xffff;
            return new ReplyPlace(parts[1], partition, parts[3].replaceFirst("[.]", ""));
        }
    }
}
