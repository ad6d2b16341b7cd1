package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.conformance.broker.BrokerInspector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What messengers have told each other at a broker: how many of a name say that they are there, and what they say they serve. That is not
 * what reads there: of readers without a group Kafka has no list; and members of groups are no measure, since a share group has several for
 * a busy subscription, and keeps those of a lost connection until their sessions end, after 45 seconds. So rules see with this that a
 * messenger takes back what it has told, and not that a native consumer was left behind: for those that are members, {@link KafkaGroupsTest}
 * looks.
 */
record PresenceInspector(Supplier<Map<String, Object>> properties) implements BrokerInspector {
    private static final TopicPartition PARTITION = new TopicPartition("antiphon.presence", 0);

    /** What one messenger told last. */
    private record Told(String client, List<String> interests) {}

    @Override
    public int connectionCount(String connectionName) {
        return (int) read().values().stream()
                .filter(told -> told.client().equals(connectionName))
                .count();
    }

    @Override
    public List<String> subscribedSubjects(String connectionName) {
        return read().values().stream()
                .filter(told -> told.client().equals(connectionName))
                .flatMap(told -> told.interests().stream())
                .sorted()
                .toList();
    }

    private Map<String, Told> read() {
        Map<String, Object> all = new HashMap<>(properties.get());
        all.put("client.id", "inspector-" + System.nanoTime());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            consumer.seekToBeginning(List.of(PARTITION));
            Map<String, Told> messengers = new HashMap<>();
            while (consumer.position(PARTITION) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> apply(record, messengers));
            }
            return messengers;
        }
    }

    private static void apply(ConsumerRecord<byte[], byte[]> record, Map<String, Told> messengers) {
        PresenceRecord told = PresenceRecord.parse(record);
        if (System.currentTimeMillis() - record.timestamp() > told.expiryMillis()) {
            messengers.remove(told.id()); // others take it for dead, unless it told something later
            return;
        }
        String client = new String(record.headers().lastHeader("client").value(), UTF_8);
        List<String> before = new ArrayList<>(
                messengers.getOrDefault(told.id(), new Told(client, List.of())).interests());
        List<String> now = told.interests().stream()
                .map(interest -> interest.pattern().text())
                .toList();
        switch (told.kind()) {
            case ALIVE -> before = new ArrayList<>(now);
            case JOIN -> before.addAll(now);
            case LEAVE -> now.forEach(before::remove);
            default -> {}
        }
        if (told.kind() == PresenceRecord.Kind.GONE) {
            messengers.remove(told.id());
        } else {
            messengers.put(told.id(), new Told(client, before));
        }
    }
}
