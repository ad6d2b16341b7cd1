package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.ReplyAddress;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Records as deliveries of one subscription: which of them it takes, and what they say about replies. One thread at a time. */
final class Inlet {

    private final KafkaLink link;
    private final SubjectPattern pattern;
    private final SubjectMapping mapping;

    /** Consecutive records are mostly of one topic. */
    private String lastTopic = "";

    private @Nullable String lastSubject;

    Inlet(KafkaLink link, SubjectPattern pattern) {
        this.link = link;
        this.pattern = pattern;
        this.mapping = link.mapping();
    }

    /** The delivery of a record, or null if it is not for this subscription. */
    @Nullable
    KafkaDelivery delivery(ConsumerRecord<byte[], byte[]> record, KafkaDelivery.@Nullable Settling settling) {
        String subject = subjectOf(record);
        if (subject == null || !pattern.matches(subject)) {
            return null;
        }
        return new KafkaDelivery(subject, RecordCodec.message(record), replyAddress(record, subject), record, settling);
    }

    private @Nullable String subjectOf(ConsumerRecord<byte[], byte[]> record) {
        if (!record.topic().equals(lastTopic)) {
            lastTopic = record.topic();
            lastSubject = mapping.subjectOf(lastTopic);
        }
        if (lastSubject != null) {
            return lastSubject;
        }
        byte[] told = RecordCodec.header(record, RecordCodec.SUBJECT);
        return told == null ? null : new String(told, UTF_8);
    }

    /** Null, and reported, for an address that no honest requester has. */
    private @Nullable ReplyAddress replyAddress(ConsumerRecord<byte[], byte[]> record, String subject) {
        KafkaReplyAddress address = RecordCodec.replyAddress(record);
        if (address == null) {
            return null;
        }
        String topic = address.topic();
        boolean hostile = (topic.equals(record.topic()) && mapping.sharedTopic() == null)
                || topic.startsWith("__")
                || topic.equals(link.settings().presenceTopic())
                || !topic.matches("[A-Za-z0-9._-]{1,249}");
        if (hostile) {
            link.events()
                    .error(new AntiphonException(
                            ErrorCode.INVALID_ARGUMENT,
                            "a request wants its reply at a topic that no requester has",
                            null,
                            false,
                            subject,
                            null));
            return null;
        }
        return address;
    }
}
