package dev.antiphon.transport.kafka;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which topic a subject is in: one of its own, or the one that all share.
 *
 * @param sharedTopic the topic of all subjects, or null
 * @param internal topics that are nobody's subject
 */
record SubjectMapping(@Nullable String sharedTopic, Set<String> internal) {

    private static final String SHARED = "topic:";

    static SubjectMapping of(String option, Set<String> internal) {
        return new SubjectMapping(option.startsWith(SHARED) ? option.substring(SHARED.length()) : null, internal);
    }

    static boolean isValid(String option) {
        return option.equals("topics")
                || (option.startsWith(SHARED)
                        && option.substring(SHARED.length()).matches("(?!\\.\\.?$)[A-Za-z0-9._-]{1,249}"));
    }

    String topicOf(String subject) {
        return sharedTopic == null ? TopicNames.topicOf(subject) : sharedTopic;
    }

    /** The subject of everything in a topic; null where each record has to tell. */
    @Nullable
    String subjectOf(String topic) {
        return topic.equals(sharedTopic) ? null : TopicNames.subjectOf(topic);
    }

    /** Whether records need a header with their subject. */
    boolean needsHeader(String topic) {
        return topic.equals(sharedTopic) || TopicNames.isCut(topic);
    }

    /** Whether what matches may be in several topics, which come and go. */
    boolean spansTopics(SubjectPattern pattern) {
        return !pattern.isExact() && sharedTopic == null;
    }

    /** Whether something in the topic may match; then each record has to be looked at. */
    boolean mayMatch(SubjectPattern pattern, String topic) {
        if (sharedTopic != null) {
            return topic.equals(sharedTopic);
        }
        if (pattern.isExact()) {
            return TopicNames.topicOf(pattern.text()).equals(topic);
        }
        if (isInternal(topic)) {
            return false;
        }
        String subject = TopicNames.subjectOf(topic);
        return subject == null ? TopicNames.isCut(topic) : pattern.matches(subject);
    }

    /** Whether a topic belongs to Kafka or to this transport. */
    boolean isInternal(String topic) {
        return topic.startsWith("__") || internal.contains(topic);
    }
}
