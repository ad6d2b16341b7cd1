package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a messenger tells the others, as text that people can read too: a line {@code kind expiry reply-partition}, then a line for each
 * interest, or the name of the topic. The key of the record is the messenger's id.
 *
 * @param expiryMillis if nothing is heard for so long, it is gone
 * @param replyPartition where it reads replies, or -1
 * @param interests all it has, or those that it gets or gives up
 * @param topic the topic it has made
 */
record PresenceRecord(
        String id,
        Kind kind,
        long expiryMillis,
        int replyPartition,
        List<Interest> interests,
        @Nullable String topic) {

    enum Kind {
        /** It is there, and these are all its interests. */
        ALIVE,
        JOIN,
        LEAVE,
        /** It has left. */
        GONE,
        /** It has made a topic. */
        TOPIC
    }

    byte[] toBytes() {
        StringBuilder text = new StringBuilder();
        text.append(kind.name().toLowerCase(Locale.ROOT))
                .append(' ')
                .append(expiryMillis)
                .append(' ')
                .append(replyPartition);
        interests.forEach(interest -> text.append('\n').append(interest.toText()));
        if (topic != null) {
            text.append('\n').append(topic);
        }
        return text.toString().getBytes(UTF_8);
    }

    /** Null for what is none. */
    static @Nullable PresenceRecord parse(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null || record.value() == null) {
            return null;
        }
        try {
            String[] lines = new String(record.value(), UTF_8).split("\n", -1);
            String[] head = lines[0].split(" ", -1);
            Kind kind = Kind.valueOf(head[0].toUpperCase(Locale.ROOT));
            boolean ofTopic = kind == Kind.TOPIC;
            List<String> rest = Arrays.asList(lines).subList(1, lines.length);
            return new PresenceRecord(
                    new String(record.key(), UTF_8),
                    kind,
                    Long.parseLong(head[1]),
                    Integer.parseInt(head[2]),
                    ofTopic ? List.of() : rest.stream().map(Interest::parse).toList(),
                    ofTopic ? rest.get(0) : null);
        } catch (IllegalArgumentException | IndexOutOfBoundsException strange) {
            return null;
        }
    }
}
