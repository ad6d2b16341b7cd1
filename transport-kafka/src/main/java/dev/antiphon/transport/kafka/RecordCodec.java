package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Messages as records. The names of the headers for replies are those of Spring, which others have taken over. */
final class RecordCodec {

    static final String CORRELATION = "kafka_correlationId";
    static final String REPLY_TOPIC = "kafka_replyTopic";
    static final String REPLY_PARTITION = "kafka_replyPartition";
    /** What an answer to a reply has to carry as its correlation; the reply's own is that of the request. */
    static final String WAY_BACK = "antiphon-correlation";

    static final String CONTENT_TYPE = "contentType";
    static final String SUBJECT = "antiphon-subject";

    private static final byte[] NONE = {};
    private static final int MAX_DIGITS = 9;

    private RecordCodec() {}

    /** A record with the message and its headers. */
    static ProducerRecord<byte[], byte[]> record(String topic, @Nullable Integer partition, Message message) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, null, message.sharedBytes());
        if (!message.headers().isEmpty()) {
            message.headers().forEach((name, value) -> {
                if (isOurs(name)) {
                    throw new AntiphonException(
                            ErrorCode.INVALID_ARGUMENT,
                            "the header " + name + " has a meaning of its own on Kafka; choose another name",
                            null,
                            false,
                            null,
                            null);
                }
                record.headers().add(name, value.getBytes(UTF_8));
            });
        }
        message.contentType().ifPresent(type -> record.headers().add(CONTENT_TYPE, type.getBytes(UTF_8)));
        return record;
    }

    private static boolean isOurs(String name) {
        return switch (name) {
            case CORRELATION, REPLY_TOPIC, REPLY_PARTITION, WAY_BACK, CONTENT_TYPE, SUBJECT -> true;
            default -> false;
        };
    }

    static byte[] partition(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    /** The message of a record, without the headers that are ours. */
    static Message message(ConsumerRecord<byte[], byte[]> record) {
        List<String> pairs = null;
        String contentType = null;
        for (Header header : record.headers()) {
            if (header.key().equals(CONTENT_TYPE)) {
                contentType = text(header.value());
            } else if (!isOurs(header.key())) {
                pairs = pairs == null ? new ArrayList<>() : pairs;
                pairs.add(header.key());
                pairs.add(text(header.value()));
            }
        }
        Headers headers = pairs == null ? Headers.EMPTY : Headers.received(pairs.toArray(new String[0]));
        return Message.wrap(record.value() == null ? NONE : record.value(), headers, contentType);
    }

    /** The value of a header, or null. */
    static byte @Nullable [] header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : header.value();
    }

    private static String text(byte @Nullable [] value) {
        return value == null ? "" : new String(value, UTF_8);
    }

    /** Where the sender wants its reply; null if it wants none. */
    static @Nullable KafkaReplyAddress replyAddress(ConsumerRecord<byte[], byte[]> record) {
        return address(record, header(record, CORRELATION));
    }

    /** Where the sender of a reply wants an answer to it; null if it wants none. */
    static @Nullable KafkaReplyAddress wayBack(ConsumerRecord<byte[], byte[]> record) {
        byte[] correlation = header(record, WAY_BACK);
        return correlation == null ? null : address(record, correlation);
    }

    private static @Nullable KafkaReplyAddress address(
            ConsumerRecord<byte[], byte[]> record, byte @Nullable [] correlation) {
        byte[] topic = header(record, REPLY_TOPIC);
        if (topic == null || topic.length == 0) {
            return null;
        }
        return new KafkaReplyAddress(new String(topic, UTF_8), partition(header(record, REPLY_PARTITION)), correlation);
    }

    /** The record of a reply. */
    static ProducerRecord<byte[], byte[]> reply(KafkaReplyAddress to, Message message) {
        ProducerRecord<byte[], byte[]> record = record(to.topic(), to.partition(), message);
        if (to.correlation() != null) {
            record.headers().add(CORRELATION, to.correlation());
        }
        return record;
    }

    /** Four bytes, most significant first, or digits; null if it is neither. */
    private static @Nullable Integer partition(byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        if (value.length == Integer.BYTES && value[0] == 0) { // nobody has so many that it were not
            return ByteBuffer.wrap(value).getInt();
        }
        int number = value.length > MAX_DIGITS || value.length == 0 ? -1 : 0;
        for (int i = 0; i < value.length && number >= 0; i++) {
            int digit = value[i] - '0';
            number = digit < 0 || digit > 9 ? -1 : number * 10 + digit;
        }
        return number < 0 ? null : number;
    }
}
