package dev.antiphon.transport.kafka;

import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * A member of a queue group that is a consumer group of Kafka, of the new protocol or the classic one. Each partition belongs to one
 * member at a time.
 */
final class ConsumerMember extends GroupMember<ConsumerLoop> {

    /** Who is silent for so long counts as dead; the least that brokers allow by default. */
    static final int SESSION_MILLIS = 6_000;
    /** How soon members of a group are told of changes. */
    static final int HEARTBEAT_MILLIS = 500;

    /** The loop polls all the time, whatever handlers do. */
    private static final int POLL_MILLIS = 30_000;

    /** How many records may be with their handlers, unless the engine wants fewer. */
    private static final int MOST_UNSETTLED = 64;

    private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(8);
    private static final int MIN_REQUEST_MILLIS = 1_000;
    private static final long ORIGINS_MILLIS = 1_000;

    private final ConsumerGroup consumers;
    private final int limit;
    private volatile String clientId = "";

    ConsumerMember(KafkaLink link, SubscribeSpec spec, String group, InboundHandler handler) {
        super(link, spec, group, handler);
        this.consumers = new ConsumerGroup(link, this.group);
        this.limit = Math.max(1, Math.min(MOST_UNSETTLED, spec.maxUnsettled()));
    }

    // -- Beginning --

    @Override
    RuntimeException explained(Throwable failure) {
        if (failure instanceof GroupIdNotFoundException
                || failure instanceof InconsistentGroupProtocolException
                || failure instanceof GroupNotEmptyException) {
            return ConsumerGroup.ofAnotherKind(group, mode(), pattern.text(), failure);
        }
        String what = failure instanceof UnsupportedVersionException
                ? "these brokers have no consumer groups of the new protocol (Kafka 4.0 and later have them); subscribing"
                : "subscribing";
        return NativeFailure.of(what, failure, false, pattern.text());
    }

    private GroupMode mode() {
        return link.settings().groups();
    }

    @Override
    CompletableFuture<Void> begin(Session session) {
        return topics(session)
                .thenCompose(session.topics()::partitions)
                .thenCompose(counts -> link.settings().start().places(session.topics(), Topics.all(counts)))
                .thenCompose(places -> configure(session)
                        .thenCompose(configured -> session.inquiries().read())
                        .thenCompose(read -> pin(session, places))
                        .thenCompose(pinned -> join(session, places.keySet())));
    }

    private CompletableFuture<Void> configure(Session session) {
        return mode() == GroupMode.CONSUMER ? consumers.configure(session) : CompletableFuture.completedFuture(null);
    }

    @Override
    CompletableFuture<Set<TopicPartition>> begun(Session session) {
        return consumers.begun(session);
    }

    @Override
    CompletableFuture<Void> begin(Session session, Map<TopicPartition, Long> places) {
        return consumers.begin(session, places);
    }

    private CompletableFuture<Void> join(Session session, Set<TopicPartition> partitions) {
        ConsumerLoop joining;
        synchronized (this) {
            partitions.forEach(partition -> topics.add(partition.topic()));
            Map<String, Object> config = config(session);
            clientId = Objects.toString(config.get("client.id"));
            Inlet inlet = new Inlet(link, pattern);
            joining = new ConsumerLoop(
                    () -> new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                    limit,
                    topics,
                    assigned -> origins(session, assigned),
                    (record, settling) -> onRecord(inlet, record, settling),
                    () -> link.session() != null,
                    link.threads().name(pattern.text()),
                    link.events()::error);
            replace(joining);
            joining.start();
            if (link.isClosed()) {
                joining.lost(); // who closed did not see it
            }
        }
        if (partitions.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> settled = consumers.settled(session, clientId, partitions, JOIN_NANOS);
        CompletableFuture<Void> unused = joining.refused().exceptionally(failure -> {
            settled.completeExceptionally(failure);
            return null;
        });
        return settled;
    }

    /** On the thread of the reader, which waits; without an answer, the group's places are taken as they are. */
    private Origins origins(Session first, Collection<TopicPartition> partitions) {
        Session current = link.session();
        try {
            return consumers
                    .origins(current == null ? first : current, partitions)
                    .get(ORIGINS_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException unknown) {
            return Origins.UNKNOWN;
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            return Origins.UNKNOWN;
        }
    }

    private Map<String, Object> config(Session session) {
        Settings settings = link.settings();
        boolean classic = mode() == GroupMode.CLASSIC;
        // Half of it, so that a dead connection is replaced before the session of this member ends.
        long patience = Math.max(MIN_REQUEST_MILLIS, settings.silenceLimit().toMillis() / 2);
        Map<String, Object> config = new HashMap<>();
        config.put("max.poll.records", Integer.toString(limit));
        config.put("max.poll.interval.ms", Integer.toString(POLL_MILLIS));
        config.put("fetch.max.wait.ms", "20");
        config.put("request.timeout.ms", Long.toString(patience));
        // Also how long a handshake of TLS or SASL may take, whose bytes may be lost on the way.
        config.put("socket.connection.setup.timeout.ms", Long.toString(patience));
        config.put("socket.connection.setup.timeout.max.ms", Long.toString(2 * patience));
        config.put("retry.backoff.ms", "20");
        config.put("metadata.max.age.ms", Long.toString(settings.topicRefresh().toMillis()));
        if (classic) {
            config.put("session.timeout.ms", Integer.toString(SESSION_MILLIS));
            config.put("heartbeat.interval.ms", Integer.toString(HEARTBEAT_MILLIS));
            config.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        }
        config.putAll(settings.member(session.bootstrap(), "group"));
        config.put("group.id", group);
        config.put("group.protocol", classic ? "classic" : "consumer");
        config.put("enable.auto.commit", "false");
        config.put("auto.offset.reset", "earliest");
        config.put("allow.auto.create.topics", "false");
        return config;
    }

    // -- Topics that are made anew --

    @Override
    public synchronized Set<String> watched() {
        return Set.copyOf(topics);
    }

    @Override
    void lookedFor(ConsumerLoop current, Map<String, Uuid> ids) {
        current.lookedFor(ids);
    }

    // -- Connections that come and go --

    /** The native consumer has found its way back, or is about to; its topic may have been deleted meanwhile, or the brokers may have lost everything. */
    @Override
    CompletableFuture<Void> comeBack(Session next) {
        long patience = link.settings().silenceLimit().toNanos() / 2;
        CompletableFuture<Set<String>> ready = configure(next).thenCompose(configured -> there(next));
        return ready.thenCompose(next.topics()::partitions).thenCompose(counts -> {
            read(counts.keySet()); // what was made meanwhile
            return counts.isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : consumers.settled(next, clientId, Topics.all(counts), patience);
        });
    }

    /** Its topics, if they exist or may be made, and may be seen. */
    private CompletableFuture<Set<String>> there(Session session) {
        return topics(session).exceptionallyCompose(failure -> {
            Throwable why = Topics.unwrapped(failure);
            boolean gone =
                    why instanceof UnknownTopicOrPartitionException || why instanceof TopicAuthorizationException;
            return gone ? CompletableFuture.completedFuture(Set.of()) : CompletableFuture.failedFuture(failure);
        });
    }

    @Override
    boolean outlivesLoss() {
        return true;
    }

    // -- Ending --

    @Override
    CompletableFuture<Void> stopReading(ConsumerLoop current, Session session, boolean last) {
        return last ? ends(session).exceptionally(failure -> null).thenCompose(current::stop) : current.stop(null);
    }

    /** Topics that were made just now are the last member's business, too. */
    private CompletableFuture<@Nullable Map<TopicPartition, Long>> ends(Session session) {
        return topics(session).thenCompose(session.topics()::partitions).thenCompose(counts -> {
            read(counts.keySet());
            return session.topics().ends(Topics.all(counts));
        });
    }
}
