package dev.antiphon.transport.kafka;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether anybody serves a subject. A yes is mostly known already ({@link #isServed}). A no is made sure of each time it is asked for,
 * because a responder may just have appeared: first presence is read up to its end, then the broker is asked whether groups of others
 * read the topic. Questions that come while one is being answered are answered together afterwards.
 */
final class Inquiries {

    /** The broker itself believes in a member that died for as long as its session: 45 seconds. */
    private static final long BELIEVED_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Looked for again in the background after this, so that requests one after the other do not wait. */
    private static final long REFRESHED_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /**
     * One who asks.
     *
     * @param answer gets the answer; null when the connection was lost
     */
    private record Question(String subject, Consumer<Boolean> answer, Runnable lost) {}

    private final Presence presence;
    private final Topics topics;
    private final ForeignGroups groups;
    private final SubjectMapping mapping;
    private final TopicPartition partition;
    /** When the topic was last seen to be read by a group of others. */
    private final Map<String, Long> readByOthers = new ConcurrentHashMap<>();

    private final AtomicBoolean refreshing = new AtomicBoolean();

    // Guarded by this.
    private List<Question> next = new ArrayList<>();
    private boolean busy;
    private CompletableFuture<Void> idle = CompletableFuture.completedFuture(null);

    Inquiries(Presence presence, Topics topics, ForeignGroups groups, Settings settings) {
        this.presence = presence;
        this.topics = topics;
        this.groups = groups;
        this.mapping = settings.mapping();
        this.partition = new TopicPartition(settings.presenceTopic(), 0);
    }

    /** Whether somebody is known to serve a subject. */
    boolean isServed(String subject) {
        return presence.registry().serves(subject) || isReadByOthers(subject) || presence.servesHere(subject);
    }

    private boolean isReadByOthers(String subject) {
        if (readByOthers.isEmpty()) {
            return false;
        }
        Long seen = readByOthers.get(mapping.topicOf(subject));
        if (seen == null) {
            return false;
        }
        long age = System.nanoTime() - seen;
        if (age > REFRESHED_NANOS && refreshing.compareAndSet(false, true)) {
            CompletableFuture<Void> unused = groups.readTopics()
                    .thenAccept(this::remember)
                    .whenComplete((done, failure) -> refreshing.set(false));
        }
        return age < BELIEVED_NANOS;
    }

    /** Has a look before anybody asks, so that the first requests need not wait. Completes also when that fails. */
    CompletableFuture<Void> lookAround() {
        return groups.readTopics().thenAccept(this::remember).exceptionally(failure -> null);
    }

    private void remember(Set<String> read) {
        long now = System.nanoTime();
        read.forEach(topic -> readByOthers.put(topic, now));
        topics.haveExisted(read);
    }

    /** Makes sure; {@code lost} runs when that is not possible. */
    void ask(String subject, Consumer<Boolean> answer, Runnable lost) {
        synchronized (this) {
            next.add(new Question(subject, answer, lost));
            if (busy) {
                return;
            }
            busy = true;
            idle = new CompletableFuture<>();
        }
        answerAll();
    }

    /** Completes when everything is known that others have told before now. */
    CompletableFuture<Void> read() {
        return topics.ends(List.of(partition)).thenCompose(ends -> presence.readUpTo(ends.getOrDefault(partition, 0L)));
    }

    /** Completes when everything that was asked is answered. */
    synchronized CompletableFuture<Void> idle() {
        return idle;
    }

    private void answerAll() {
        List<Question> now;
        CompletableFuture<Void> finished;
        synchronized (this) {
            now = next;
            next = new ArrayList<>();
            busy = !now.isEmpty();
            finished = idle;
        }
        if (now.isEmpty()) {
            finished.complete(null);
            return;
        }
        CompletableFuture<Void> unused = CompletableFuture.allOf(read(), lookAtOthers(now))
                .whenComplete((looked, failure) -> {
                    now.forEach(question -> answer(question, failure != null));
                    answerAll();
                });
    }

    private void answer(Question question, boolean failed) {
        if (failed) {
            question.lost().run();
        } else {
            question.answer().accept(isServed(question.subject()));
        }
    }

    /** Asks the broker about the topics of those subjects that nobody with this library serves. */
    private CompletableFuture<Void> lookAtOthers(List<Question> questions) {
        Set<String> wanted = new HashSet<>();
        questions.stream()
                .map(Question::subject)
                .filter(subject -> !isServed(subject))
                .forEach(subject -> wanted.add(mapping.topicOf(subject)));
        if (wanted.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Boolean> exist = wanted.stream().anyMatch(topics::haveExisted)
                ? CompletableFuture.completedFuture(true)
                : topics.partitions(wanted).thenApply(existing -> !existing.isEmpty());
        return exist.thenCompose(some ->
                some ? groups.readTopics().thenAccept(this::remember) : CompletableFuture.completedFuture(null));
    }
}
