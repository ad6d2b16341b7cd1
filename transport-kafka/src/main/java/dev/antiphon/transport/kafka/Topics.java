package dev.antiphon.transport.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Asks about topics and makes them, without waiting: what follows runs on the thread of the native admin client. */
final class Topics {

    private static final Executor SOON = CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS, Runnable::run);
    private static final int LOOKS = 200;
    private static final long ANNOUNCED_MILLIS = 500;

    private final Admin admin;
    private final Settings settings;
    private final Function<String, CompletableFuture<?>> announce;
    private final Map<String, CompletableFuture<Void>> creating = new ConcurrentHashMap<>();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    /** @param announce tells other messengers the name of a topic that is made */
    Topics(Admin admin, Settings settings, Function<String, CompletableFuture<?>> announce) {
        this.admin = admin;
        this.settings = settings;
        this.announce = announce;
    }

    /**
     * What is there of topics that were looked for.
     *
     * @param counts how many partitions each has
     * @param ids who each is: one that was deleted and made anew is another one
     * @param hidden those that one has no right to see
     */
    record Found(Map<String, Integer> counts, Map<String, Uuid> ids, Map<String, TopicAuthorizationException> hidden) {

        private Found() {
            this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }

        private Found visible() {
            hidden.values().forEach(denied -> {
                throw denied;
            });
            return this;
        }
    }

    /** Looks for topics. */
    CompletableFuture<Found> look(Collection<String> names) {
        Found found = new Found();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        admin.describeTopics(names)
                .topicNameValues()
                .forEach((name, topic) -> all.add(future(topic).handle((described, failure) -> {
                    Throwable cause = failure == null ? null : unwrapped(failure);
                    if (cause == null) {
                        found.counts.put(name, described.partitions().size());
                        found.ids.put(name, described.topicId());
                        seen.add(name);
                    } else if (cause instanceof TopicAuthorizationException denied) {
                        found.hidden.put(name, denied);
                    } else if (!(cause instanceof UnknownTopicOrPartitionException
                            || cause instanceof InvalidTopicException)) {
                        throw new CompletionException(cause);
                    }
                    return null;
                })));
        return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).thenApply(done -> found);
    }

    /** As {@link #look}, and fails if one has no right to see one of them. */
    CompletableFuture<Found> see(Collection<String> names) {
        return look(names).thenApply(Found::visible);
    }

    /** How many partitions each of these topics has, of those that exist. Fails if one has no right to see one of them. */
    CompletableFuture<Map<String, Integer>> partitions(Collection<String> names) {
        return see(names).thenApply(Found::counts);
    }

    /** These were seen. */
    void haveExisted(Set<String> names) {
        seen.addAll(names);
    }

    /** Whether a topic was seen over this connection. */
    boolean haveExisted(String name) {
        return seen.contains(name);
    }

    /** The names of all topics that are not Kafka's own. */
    CompletableFuture<Set<String>> names() {
        return future(admin.listTopics().names());
    }

    /** Those of them that pass. */
    CompletableFuture<Set<String>> names(Predicate<String> test) {
        return names().thenApply(all -> Set.copyOf(all.stream().filter(test).toList()));
    }

    /** Where each partition ends now. */
    CompletableFuture<Map<TopicPartition, Long>> ends(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.latest());
    }

    CompletableFuture<Map<TopicPartition, Long>> offsets(Collection<TopicPartition> partitions, OffsetSpec spec) {
        if (partitions.isEmpty()) {
            return CompletableFuture.completedFuture(Map.of());
        }
        Map<TopicPartition, OffsetSpec> query = new HashMap<>();
        partitions.forEach(partition -> query.put(partition, spec));
        return offsets(query, LOOKS);
    }

    /** Not all brokers know at once a topic that was made just now. */
    private CompletableFuture<Map<TopicPartition, Long>> offsets(Map<TopicPartition, OffsetSpec> query, int looks) {
        return future(admin.listOffsets(query).all())
                .<Map<TopicPartition, Long>>thenApply(found -> {
                    Map<TopicPartition, Long> ends = new HashMap<>();
                    found.forEach((partition, info) -> ends.put(partition, info.offset()));
                    return ends;
                })
                .exceptionallyCompose(failure -> {
                    boolean unknown = unwrapped(failure) instanceof UnknownTopicOrPartitionException;
                    return unknown && looks > 0
                            ? CompletableFuture.supplyAsync(() -> looks - 1, SOON)
                                    .thenCompose(left -> offsets(query, left))
                            : CompletableFuture.failedFuture(failure);
                });
    }

    /** All partitions of topics with so many. */
    static Set<TopicPartition> all(Map<String, Integer> counts) {
        Set<TopicPartition> all = new HashSet<>();
        counts.forEach((topic, count) -> {
            for (int i = 0; i < count; i++) {
                all.add(new TopicPartition(topic, i));
            }
        });
        return all;
    }

    /** Sees to it that a topic exists; asked for it several times at once, it asks the broker once. */
    CompletableFuture<Void> ensure(String name) {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> others = creating.putIfAbsent(name, mine);
        if (others != null) {
            return others;
        }
        boolean known = seen.contains(name);
        CompletableFuture<Void> unused = partitions(List.of(name))
                .thenCompose(found -> {
                    if (found.isEmpty()) {
                        return create(newTopic(name));
                    }
                    return known ? CompletableFuture.completedFuture(null) : led(found);
                })
                .whenComplete((made, failure) -> {
                    creating.remove(name);
                    if (failure == null) {
                        mine.complete(null);
                    } else {
                        mine.completeExceptionally(unwrapped(failure));
                    }
                });
        return mine;
    }

    /** Those of the transport are kept for minutes: nobody reads what is older. Presence is stamped by the broker, so that no other clock matters. */
    private NewTopic newTopic(String name) {
        if (name.equals(settings.presenceTopic())) {
            return newTopic(name, 1)
                    .configs(Map.of(
                            "message.timestamp.type", "LogAppendTime",
                            "retention.ms", "600000",
                            "segment.ms", "300000"));
        }
        if (name.equals(settings.replyTopic())) {
            return newTopic(name, settings.replyPartitions())
                    .configs(Map.of("retention.ms", "600000", "segment.ms", "300000"));
        }
        return newTopic(name, settings.partitions());
    }

    private NewTopic newTopic(String name, int partitions) {
        return new NewTopic(
                name,
                Optional.of(partitions),
                Optional.of(settings.replication()).filter(count -> count > 0));
    }

    private CompletableFuture<Void> create(NewTopic topic) {
        if (!settings.createsTopics()) {
            return CompletableFuture.failedFuture(new UnknownTopicOrPartitionException("there is no topic "
                    + topic.name() + "; create it, or set the option " + KafkaOptions.CREATE_TOPICS + "=true"));
        }
        return announceAnew(topic.name())
                .thenCompose(told -> future(admin.createTopics(List.of(topic)).all()))
                .handle((made, failure) -> {
                    if (failure != null && !(unwrapped(failure) instanceof TopicExistsException)) {
                        throw new CompletionException(unwrapped(failure));
                    }
                    return failure == null;
                })
                .thenCompose(mine -> seen(topic.name(), LOOKS)
                        .thenCompose(this::led)
                        .thenRun(() -> {
                            if (mine) {
                                CompletableFuture<?> unused = announce.apply(topic.name());
                            }
                        }));
    }

    /** One that was there before was deleted: who reads it must not take what comes now for what follows in the old one. */
    private CompletableFuture<?> announceAnew(String name) {
        if (!seen.contains(name) || settings.ownTopics().contains(name)) {
            return CompletableFuture.completedFuture(null);
        }
        return announce.apply(name)
                .copy()
                .orTimeout(ANNOUNCED_MILLIS, TimeUnit.MILLISECONDS)
                .handle((told, failure) -> null);
    }

    /** A topic that was made just now takes a moment to be known to all brokers; clients that ask before log a warning. */
    private CompletableFuture<Map<String, Integer>> seen(String name, int looks) {
        return partitions(List.of(name))
                .thenCompose(found -> found.isEmpty() && looks > 0
                        ? CompletableFuture.supplyAsync(() -> looks - 1, SOON).thenCompose(left -> seen(name, left))
                        : CompletableFuture.completedFuture(found));
    }

    /**
     * Waits until each partition has a leader that knows it is one. Of two batches that a producer sends to one that does not know it yet,
     * the first may be refused and the second be taken; then the first is refused for ever (KAFKA-15591).
     */
    private CompletableFuture<Void> led(Map<String, Integer> counts) {
        return ends(all(counts)).handle((ends, notAllowed) -> null);
    }

    static <T> CompletableFuture<T> future(KafkaFuture<T> future) {
        return future.toCompletionStage().toCompletableFuture();
    }

    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? unwrapped(cause) : failure;
    }
}
