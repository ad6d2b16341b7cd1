package dev.antiphon.transport.kafka;

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
        Incoming incoming = link.records().incoming(record);
        String subject = subjectOf(record, incoming);
        if (subject == null || !pattern.matches(subject)) {
            return null;
        }
        KafkaReplyAddress replyTo = link.records().checked(incoming.replyAddress(), record);
        return new KafkaDelivery(subject, incoming.message(), replyTo, record, settling);
    }

    private @Nullable String subjectOf(ConsumerRecord<byte[], byte[]> record, Incoming incoming) {
        if (!record.topic().equals(lastTopic)) {
            lastTopic = record.topic();
            lastSubject = mapping.subjectOf(lastTopic);
        }
        return lastSubject != null ? lastSubject : incoming.subject();
    }
}
