package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.TransportEvents;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of one transport: where messages and replies go, and where replies may go.
 *
 * @param replyTopic where honest requesters of this library want their replies
 * @param keyHeader the header that is the key of a record; null if records have none
 */
record Records(
        SubjectMapping mapping, String replyTopic, @Nullable String keyHeader, TransportEvents events) {

    /** A record for a message to its subject. */
    ProducerRecord<byte[], byte[]> message(OutboundMessage message) {
        String topic = mapping.topicOf(message.subject());
        return withKey(
                withSubject(RecordCodec.record(topic, null, message.message()), message.subject()), message.message());
    }

    /** Which partition that means is for the native producer to say: the same as everybody else's. */
    private ProducerRecord<byte[], byte[]> withKey(ProducerRecord<byte[], byte[]> record, Message message) {
        Optional<String> key =
                keyHeader == null ? Optional.empty() : message.headers().first(keyHeader);
        return key.map(text -> new ProducerRecord<>(
                        record.topic(), null, null, text.getBytes(UTF_8), record.value(), record.headers()))
                .orElse(record);
    }

    /** What a record says. */
    Incoming incoming(ConsumerRecord<byte[], byte[]> record) {
        return new Incoming(record, keyHeader);
    }

    /** A record for a reply. */
    ProducerRecord<byte[], byte[]> reply(KafkaReplyAddress to, OutboundMessage message) {
        return withSubject(RecordCodec.reply(to, message.message()), message.subject());
    }

    private ProducerRecord<byte[], byte[]> withSubject(ProducerRecord<byte[], byte[]> record, String subject) {
        if (mapping.needsHeader(record.topic())) {
            record.headers().add(RecordCodec.SUBJECT, subject.getBytes(UTF_8));
        }
        return record;
    }

    /** The address, unless no honest requester has it; that is reported. */
    @Nullable
    KafkaReplyAddress checked(@Nullable KafkaReplyAddress address, ConsumerRecord<byte[], byte[]> from) {
        if (address == null || !isHostile(address.topic(), from.topic())) {
            return address;
        }
        events.error(new AntiphonException(
                ErrorCode.INVALID_ARGUMENT,
                "a message from " + from.topic() + " wants its reply at a topic that no requester has"));
        return null;
    }

    private boolean isHostile(String topic, String from) {
        return !topic.equals(replyTopic)
                && ((topic.equals(from) && mapping.sharedTopic() == null)
                        || mapping.isInternal(topic)
                        || !TopicNames.isLegal(topic));
    }
}
