package dev.antiphon.transport.kafka;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;

/**
 * Whether anybody serves a subject. A yes is mostly known already ({@link #isServed}). A no is made sure of each time it is asked for,
 * because a responder may just have appeared: first presence is read up to its end, then the broker is asked whether groups of others
 * read the topic. Questions that come while one is being answered are answered together afterwards.
 */
final class Inquiries {

    /** While a group changes hands, nobody seems to read its topics. */
    private static final long BELIEVED_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Looked for again in the background after this, so that requests one after the other do not wait. */
    private static final long REFRESHED_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /**
     * One who asks.
     *
     * @param answer gets the answer
     * @param failed told why there is none
     */
    private record Question(String subject, Consumer<Boolean> answer, Consumer<Throwable> failed) {}

    /** Questions that are answered together. */
    private static final class Round {
        final List<Question> questions = new ArrayList<>();
        final CompletableFuture<Void> answered = new CompletableFuture<>();
    }

    private final Presence presence;
    private final Topics topics;
    private final ForeignGroups groups;
    private final SubjectMapping mapping;
    private final TopicPartition partition;
    /** When the topic was last seen to be read by a group of others. */
    private final Map<String, Long> readByOthers = new ConcurrentHashMap<>();

    /** Topics about which this user may not even ask: the attempt to send there says so. */
    private final Set<String> denied = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean refreshing = new AtomicBoolean();

    // Guarded by this.
    private Round next = new Round();
    private Round now = next;
    private boolean busy;

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
            CompletableFuture<Void> unused =
                    groups.look().thenAccept(this::remember).whenComplete((done, failure) -> refreshing.set(false));
        }
        return age < BELIEVED_NANOS;
    }

    /** Has a look before anybody asks, so that the first requests need not wait. Completes also when that fails. */
    CompletableFuture<Void> lookAround() {
        return groups.look().thenAccept(this::remember).exceptionally(failure -> null);
    }

    /** True if everything was seen. While it is not, what was seen before is believed. */
    private boolean remember(ForeignGroups.Seen seen) {
        long now = System.nanoTime();
        seen.topics().forEach(topic -> readByOthers.put(topic, now));
        if (!seen.complete()) {
            readByOthers.replaceAll((topic, at) -> now);
        }
        if (seen.settled()) {
            readByOthers
                    .entrySet()
                    .removeIf(one ->
                            one.getValue() - seen.began() < 0 && !seen.topics().contains(one.getKey()));
        }
        topics.haveExisted(seen.topics());
        return seen.complete();
    }

    /** Makes sure; {@code failed} is told why that is not possible. */
    void ask(String subject, Consumer<Boolean> answer, Consumer<Throwable> failed) {
        synchronized (this) {
            next.questions.add(new Question(subject, answer, failed));
            if (busy) {
                return;
            }
            busy = true;
        }
        answerAll();
    }

    /** Completes when everything is known that others have told before now. */
    CompletableFuture<Void> read() {
        return topics.ends(List.of(partition)).thenCompose(ends -> presence.readUpTo(ends.getOrDefault(partition, 0L)));
    }

    /** Completes when everything that was asked before is answered. */
    synchronized CompletableFuture<Void> answered() {
        if (!busy) {
            return CompletableFuture.completedFuture(null);
        }
        return next.questions.isEmpty() ? now.answered : next.answered;
    }

    private void answerAll() {
        Round round;
        synchronized (this) {
            round = next;
            busy = !round.questions.isEmpty();
            if (!busy) {
                return;
            }
            now = round;
            next = new Round();
        }
        CompletableFuture<Void> unused = read().thenCombine(lookAtOthers(round.questions), (read, sure) -> sure)
                .handle((sure, failure) -> {
                    try {
                        round.questions.forEach(question -> answer(question, sure, failure));
                    } finally {
                        round.answered.complete(null);
                        answerAll();
                    }
                    return null;
                });
    }

    /** What one of them does with its answer is not the others' business. */
    private void answer(Question question, @Nullable Boolean sure, @Nullable Throwable failure) {
        if (sure == null) {
            question.failed().accept(Topics.unwrapped(Objects.requireNonNull(failure)));
            return;
        }
        try {
            boolean mayTell = sure && !denied.contains(mapping.topicOf(question.subject()));
            question.answer().accept(!mayTell || isServed(question.subject()));
        } catch (RuntimeException unsendable) {
            question.failed().accept(unsendable);
        }
    }

    /**
     * Asks the broker about the topics of those subjects that nobody with this library serves. False if not everything could be seen: then
     * somebody may serve them.
     */
    private CompletableFuture<Boolean> lookAtOthers(List<Question> questions) {
        Set<String> wanted = new HashSet<>();
        questions.stream()
                .map(Question::subject)
                .filter(subject -> !isServed(subject))
                .forEach(subject -> wanted.add(mapping.topicOf(subject)));
        Set<String> unknown = new HashSet<>(wanted);
        unknown.removeIf(topics::haveExisted);
        CompletableFuture<Boolean> exist =
                unknown.isEmpty() ? CompletableFuture.completedFuture(false) : exist(unknown);
        return exist.thenCompose(some -> some || unknown.size() < wanted.size()
                ? groups.look().thenApply(this::remember)
                : CompletableFuture.completedFuture(true));
    }

    /** Whether any of these topics exists. */
    private CompletableFuture<Boolean> exist(Set<String> wanted) {
        return topics.partitions(wanted)
                .thenApply(existing -> {
                    denied.removeAll(wanted);
                    return !existing.isEmpty();
                })
                .exceptionallyCompose(failure -> {
                    if (!(Topics.unwrapped(failure) instanceof AuthorizationException)) {
                        return CompletableFuture.failedFuture(failure);
                    }
                    if (wanted.size() == 1) {
                        denied.addAll(wanted);
                        return CompletableFuture.completedFuture(false);
                    }
                    return wanted.stream()
                            .map(topic -> exist(Set.of(topic)))
                            .reduce(
                                    CompletableFuture.completedFuture(false),
                                    (one, other) -> one.thenCombine(other, (a, b) -> a || b));
                });
    }
}
