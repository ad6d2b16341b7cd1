package dev.antiphon.transport.kafka;

import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ShareMemberDescription;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A member of a queue group that is a share group of Kafka: its members share each partition, record by record. */
final class ShareMember extends GroupMember<ShareLanes> {

    /** Each more is two threads and a connection or two. */
    private static final int MAX_LANES = 4;

    private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** How long the group takes to have a place for a new topic, and how often it is asked. */
    private static final long PLACE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final int PLACE_ATTEMPTS = 6;

    private static final long LEAVE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(8);

    private final int batch;
    private final int maxLanes;
    /** How often it may still join again for the topics that were made last. Guarded by this, as is what follows. */
    private int attempts;

    /** A topic was made after the last look. */
    private boolean oneMore;

    ShareMember(KafkaLink link, SubscribeSpec spec, String group, InboundHandler handler) {
        super(link, spec, group, handler);
        this.batch = Math.min(spec.maxUnsettled(), ShareLoop.BATCH);
        this.maxLanes = Math.min(spec.maxUnsettled() / batch, MAX_LANES);
    }

    // -- Beginning --

    @Override
    RuntimeException explained(Throwable failure) {
        String what = failure instanceof UnsupportedVersionException
                ? "these brokers have no share groups (Kafka 4.2 and later have them); subscribing"
                : "subscribing";
        return NativeFailure.of(what, failure, false, pattern.text());
    }

    @Override
    CompletableFuture<Void> begin(Session session) {
        return topics(session)
                .thenCompose(names -> new ConsumerGroup(link, group)
                        .makeWay(session, pattern.text())
                        .thenCompose(free -> configure(session))
                        .thenCompose(configured -> session.topics().partitions(names))
                        .thenCompose(counts -> link.settings().start().places(session.topics(), Topics.all(counts)))
                        .thenCompose(ends -> session.inquiries().read().thenApply(read -> ends))
                        .thenCompose(ends -> pin(session, ends))
                        .thenCompose(pinned -> join(session, names, JOIN_NANOS)));
    }

    /**
     * Topics that are made later are read from their beginning; without the right to say so, from when they are noticed. Members are told at once
     * of what they are to read, by brokers that know how.
     */
    private CompletableFuture<Void> configure(Session session) {
        return change(session, "share.auto.offset.reset", "earliest")
                .thenCompose(done -> change(session, "share.assignment.interval.ms", "0"));
    }

    /** Each for itself: a broker that does not know one of them refuses all that come with it. */
    private CompletableFuture<Void> change(Session session, String name, String value) {
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
        return Topics.future(session.admin()
                        .incrementalAlterConfigs(
                                Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), List.of(change)))
                        .all())
                .handle((changed, failure) -> {
                    if (failure != null && Topics.unwrapped(failure) instanceof UnsupportedVersionException old) {
                        throw new CompletionException(old);
                    }
                    return null;
                });
    }

    /**
     * The brokers make the topic for the state of share groups when the first of them needs it, which takes seconds: not when the first request
     * to a new topic is on its way. So a group that has no topic yet has it made with one that is there anyway.
     */
    @Override
    CompletableFuture<Void> beginWithoutTopics(Session session) {
        String topic = link.settings().presenceTopic();
        return begin(session, Map.of(new TopicPartition(topic, 0), 0L))
                .thenCompose(made -> Topics.future(session.admin()
                        .deleteShareGroupOffsets(group, Set.of(topic))
                        .all()))
                .exceptionally(failure -> null); // then the first request waits
    }

    @Override
    CompletableFuture<Set<TopicPartition>> begun(Session session) {
        return Topics.future(session.admin()
                        .listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                        .partitionsToOffsetInfo(group))
                .handle((known, unknown) -> unknown == null ? withValue(known) : Set.of()); // then what follows tells
    }

    /** The coordinator may not know yet of a topic that was made just now. */
    @Override
    CompletableFuture<Void> begin(Session session, Map<TopicPartition, Long> places) {
        return Looks.until(
                        link.threads(),
                        KNOWN_NANOS,
                        () -> Topics.future(session.admin()
                                        .alterShareGroupOffsets(group, places)
                                        .all())
                                .handle((put, failure) -> {
                                    Throwable why = failure == null ? null : Topics.unwrapped(failure);
                                    if (why != null
                                            && !(why instanceof GroupNotEmptyException)
                                            && !(why instanceof UnknownTopicOrPartitionException)) {
                                        throw new CompletionException(why);
                                    }
                                    return !(why instanceof UnknownTopicOrPartitionException);
                                }))
                .thenAccept(known -> {
                    if (!known) {
                        throw new UnknownTopicOrPartitionException("no coordinator knows " + places.keySet());
                    }
                });
    }

    private CompletableFuture<Void> join(Session session, Set<String> names, long limitNanos) {
        ShareLanes made;
        synchronized (this) {
            topics.addAll(names);
            made = new ShareLanes(
                    maxLanes, topics, of -> newLoop(session, of), link.threads().pool(), link.events()::error);
            replace(made);
            made.start();
            if (link.isClosed()) {
                made.lost(); // who closed did not see it
            }
        }
        if (names.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> assigned = assigned(session, made, limitNanos);
        CompletableFuture<Void> unused = made.turnedAway().exceptionally(failure -> {
            assigned.completeExceptionally(failure);
            return null;
        });
        return assigned;
    }

    private ShareLoop newLoop(Session session, ShareLanes of) {
        Map<String, Object> config = new HashMap<>();
        config.put("max.poll.records", Integer.toString(batch));
        config.put("share.acquire.mode", "record_limit");
        config.put("fetch.max.wait.ms", "20");
        config.put("default.api.timeout.ms", "5000");
        config.putAll(link.settings().member(session.bootstrap(), "share"));
        config.put("group.id", group);
        config.put("share.acknowledgement.mode", "explicit");
        String clientId = Objects.toString(config.get("client.id"));
        Inlet inlet = new Inlet(link, pattern);
        return new ShareLoop(
                () -> new KafkaShareConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                clientId,
                (record, settling) -> onRecord(inlet, record, settling),
                of,
                link.threads().name(pattern.text()),
                link.events()::error);
    }

    /**
     * Completes when the group has this member and has given it something to read, and every topic to somebody; a busy coordinator takes
     * its time. After the limit, too.
     */
    private CompletableFuture<Void> assigned(Session session, ShareLanes own, long limitNanos) {
        return isAssigned(session, own, limitNanos).thenAccept(looked -> {
            if (link.isClosed()) {
                throw link.notConnected(pattern.text());
            }
        });
    }

    /** Whether that is so within the limit. */
    private CompletableFuture<Boolean> isAssigned(Session session, ShareLanes own, long limitNanos) {
        return existing(session)
                .thenCompose(names -> Looks.until(
                        link.threads(),
                        limitNanos,
                        () -> members(session)
                                .thenApply(members -> (link.session() != session && link.isConnected())
                                        || isAssigned(members, own.clientId(), names))));
    }

    /** Of the topics that it reads, those that have not been deleted; none, if that can not be told. */
    private CompletableFuture<Set<String>> existing(Session session) {
        return session.topics()
                .partitions(names())
                .handle((counts, failure) -> failure == null ? counts.keySet() : Set.of());
    }

    private synchronized Set<String> names() {
        return Set.copyOf(topics);
    }

    /** The brokers divide the topics between the members, so that each has some of them. */
    private static boolean isAssigned(List<ShareMemberDescription> members, String clientId, Set<String> names) {
        Set<String> assigned = new HashSet<>();
        boolean member = false;
        for (ShareMemberDescription one : members) {
            Set<TopicPartition> partitions = one.assignment().topicPartitions();
            partitions.forEach(partition -> assigned.add(partition.topic()));
            member |= one.clientId().equals(clientId) && (names.isEmpty() || !partitions.isEmpty());
        }
        return member && assigned.containsAll(names);
    }

    /** The members that the group has; none, if that can not be told. */
    private CompletableFuture<List<ShareMemberDescription>> members(Session session) {
        return Topics.future(session.admin().describeShareGroups(List.of(group)).all())
                .handle((groups, failure) -> failure != null
                        ? List.of()
                        : groups.values().stream()
                                .flatMap(described -> described.members().stream())
                                .toList());
    }

    // -- Topics that appear --

    /**
     * The group needs a moment to have a place for a new topic, and gives it to its members then; they hear of it by the next heartbeat, up to 5
     * seconds later. Who joins again hears of it at once.
     */
    @Override
    void appeared(ShareLanes current) {
        boolean begins;
        synchronized (this) {
            begins = attempts == 0;
            attempts = PLACE_ATTEMPTS;
            oneMore = true;
        }
        if (begins) {
            joinUntilAssigned(current);
        }
    }

    private void joinUntilAssigned(ShareLanes current) {
        Session session = link.session();
        synchronized (this) {
            oneMore = false;
            if (session == null) {
                attempts = 0;
                return;
            }
        }
        CompletableFuture<Void> unused = isAssigned(session, current, PLACE_NANOS)
                .handle((assigned, failure) -> {
                    if (goesOn(failure != null || assigned)) {
                        current.joinAgain();
                        joinUntilAssigned(current);
                    }
                    return null;
                });
    }

    private synchronized boolean goesOn(boolean done) {
        attempts = done && !oneMore ? 0 : attempts - 1;
        return attempts > 0;
    }

    // -- Connections that come and go --

    /**
     * A group that is not settled in time settles later: a messenger that does not come back helps nobody. The brokers may have lost everything
     * meanwhile.
     */
    @Override
    CompletableFuture<Void> comeBack(Session next) {
        long patience = link.settings().silenceLimit().toNanos() / 2;
        return configure(next)
                .thenCompose(configured -> join(next, names(), Math.min(patience, JOIN_NANOS)))
                .exceptionally(turnedAway -> null);
    }

    @Override
    boolean outlivesLoss() {
        return false;
    }

    // -- Ending --

    @Override
    CompletableFuture<Void> stopReading(ShareLanes current, Session session, boolean last) {
        if (!last) {
            return current.stop(false);
        }
        // Topics that were made just now are its business, too.
        CompletableFuture<Void> ready =
                watchesAll() ? assigned(session, current, JOIN_NANOS) : CompletableFuture.completedFuture(null);
        return ready.exceptionally(closed -> null)
                .thenCompose(has -> alone(session, current))
                .thenCompose(others -> current.stop(true));
    }

    /** Completes when the others have left the group for good: until then they may give back what they hold. */
    private CompletableFuture<Boolean> alone(Session session, ShareLanes own) {
        return Looks.until(
                link.threads(),
                LEAVE_NANOS,
                () -> members(session)
                        .thenApply(members -> link.session() != session
                                || members.stream().allMatch(one -> own.has(one.clientId()))));
    }
}
