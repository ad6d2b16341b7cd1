package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import java.nio.ByteBuffer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Messages as records; {@link Incoming} is the other way. The names of the headers for replies are those of Spring; those of SmallRye are
 * understood where a request has them in their place.
 */
final class RecordCodec {

    static final String CORRELATION = "kafka_correlationId";
    static final String REPLY_TOPIC = "kafka_replyTopic";
    static final String REPLY_PARTITION = "kafka_replyPartition";

    static final String SMALLRYE_CORRELATION = "REPLY_CORRELATION_ID";
    static final String SMALLRYE_REPLY_TOPIC = "REPLY_TOPIC";
    static final String SMALLRYE_REPLY_PARTITION = "REPLY_PARTITION";

    /** What an answer to a reply has to carry as its correlation; the reply's own is that of the request. */
    static final String WAY_BACK = "antiphon-correlation";

    static final String CONTENT_TYPE = "contentType";
    static final String SUBJECT = "antiphon-subject";

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

    /** Whether the header has a meaning of its own here. */
    static boolean isOurs(String name) {
        return switch (name) {
            case CORRELATION, REPLY_TOPIC, REPLY_PARTITION, WAY_BACK, CONTENT_TYPE, SUBJECT -> true;
            default -> false;
        };
    }

    static byte[] partition(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    /** The record of a reply. */
    static ProducerRecord<byte[], byte[]> reply(KafkaReplyAddress to, Message message) {
        ProducerRecord<byte[], byte[]> record = record(to.topic(), to.partition(), message);
        if (to.correlation() != null) {
            record.headers().add(to.header(), to.correlation());
        }
        return record;
    }
}
