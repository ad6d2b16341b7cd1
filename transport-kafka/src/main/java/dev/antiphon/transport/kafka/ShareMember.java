package dev.antiphon.transport.kafka;

import dev.antiphon.spi.DeliveryQueue;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportSubscription;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ShareMemberAssignment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * A member of a queue group, as a share group of Kafka. The group of one name is another one for each subject, since the members of a
 * share group share the group's topics. Who finds nobody in the group has it begin now: what was sent while nobody was there is not
 * delivered, as everywhere else.
 */
final class ShareMember implements TransportSubscription, Restorable {

    private static final long LOOK_AGAIN_MILLIS = 10;
    private static final long LEAVE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(8);

    private final KafkaLink link;
    private final SubjectPattern pattern;
    private final Interest interest;
    private final String group;
    private final InboundHandler handler;
    private final Inlet inlet;
    private final @Nullable DeliveryQueue queue;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Set<String> topics = new HashSet<>();
    private volatile @Nullable ShareLoop loop;
    private volatile boolean leaving;
    private String clientId = "";

    ShareMember(KafkaLink link, SubscribeSpec spec, String group, InboundHandler handler) {
        this.link = link;
        this.pattern = SubjectPattern.of(spec.subject());
        this.interest = new Interest(pattern, group);
        this.group = link.settings().prefix() + ":" + group + ":" + spec.subject();
        this.handler = handler;
        this.inlet = new Inlet(link, pattern);
        this.queue = spec.runsUserCode() ? link.newQueue(spec.subject()) : null;
    }

    // -- Beginning --

    CompletableFuture<TransportSubscription> subscribe() {
        Session session = link.connected(pattern.text());
        link.add(this);
        return begin(session)
                .thenCompose(begun -> link.presence().join(interest))
                .handle((told, failure) -> {
                    if (failure != null) {
                        link.remove(this);
                        finish();
                        throw explained(session, Topics.unwrapped(failure));
                    }
                    return this;
                });
    }

    private RuntimeException explained(Session session, Throwable failure) {
        if (link.session() != session) {
            return link.notConnected(pattern.text());
        }
        String what = failure instanceof UnsupportedVersionException
                ? "these brokers have no share groups (Kafka 4.2 and later have them); subscribing"
                : "subscribing";
        return NativeFailure.of(what, failure, false, pattern.text());
    }

    /** Has the group begin, if nobody is in it, and joins it. */
    private CompletableFuture<Void> begin(Session session) {
        return topics(session)
                .thenCompose(names -> configure(session)
                        .thenCompose(configured -> session.topics().partitions(names))
                        .thenCompose(counts -> session.topics().ends(Topics.all(counts)))
                        .thenCompose(ends -> session.inquiries().read().thenApply(read -> ends))
                        .thenCompose(ends -> pin(session, ends))
                        .thenCompose(pinned -> join(session, names)));
    }

    private CompletableFuture<Set<String>> topics(Session session) {
        if (watchesAll()) {
            return session.topics()
                    .names()
                    .thenApply(
                            all -> Set.copyOf(all.stream().filter(this::watches).toList()));
        }
        String topic = link.mapping().topicOf(pattern.text());
        return session.topics().ensure(topic).thenApply(exists -> Set.of(topic));
    }

    /** Topics that are made later are read from their beginning. Without the right to say so, from when they are noticed. */
    private CompletableFuture<Void> configure(Session session) {
        Collection<AlterConfigOp> changes =
                List.of(set("share.auto.offset.reset", "earliest"), set("share.assignment.interval.ms", "0"));
        return Topics.future(session.admin()
                        .incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), changes))
                        .all())
                .handle((changed, failure) -> {
                    if (failure != null && Topics.unwrapped(failure) instanceof UnsupportedVersionException old) {
                        throw new CompletionException(old);
                    }
                    return null;
                });
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }

    private CompletableFuture<Void> pin(Session session, Map<TopicPartition, Long> ends) {
        if (ends.isEmpty() || link.presence().registry().members(interest) > 0) {
            return CompletableFuture.completedFuture(null);
        }
        return Topics.future(session.admin().alterShareGroupOffsets(group, ends).all())
                .handle((begun, failure) -> {
                    if (failure != null && !(Topics.unwrapped(failure) instanceof GroupNotEmptyException)) {
                        throw new CompletionException(Topics.unwrapped(failure));
                    }
                    return null;
                });
    }

    private CompletableFuture<Void> join(Session session, Set<String> names) {
        Map<String, Object> config = new HashMap<>();
        config.put("max.poll.records", Integer.toString(ShareLoop.BATCH));
        config.put("share.acquire.mode", "record_limit");
        config.put("fetch.max.wait.ms", "20");
        config.putAll(link.settings().client(session.bootstrap(), "share"));
        config.put("group.id", group);
        config.put("share.acknowledgement.mode", "explicit");
        synchronized (this) {
            topics.addAll(names);
            clientId = Objects.toString(config.get("client.id"));
            ShareLoop before = loop;
            if (before != null) {
                before.lost(); // of an attempt to reconnect that failed later
            }
            loop = new ShareLoop(
                    new KafkaShareConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                    topics,
                    this::onRecord,
                    link.threads().name(pattern.text()),
                    link.events()::error);
            loop.start();
            if (link.isClosed()) {
                loop.lost(); // who closed did not see it
            }
        }
        CompletableFuture<Void> joined = new CompletableFuture<>();
        if (names.isEmpty()) {
            joined.complete(null);
        } else {
            look(session, System.nanoTime() + JOIN_NANOS, joined);
        }
        return joined;
    }

    /** Looks until the group has this member and has given it something to read; a busy coordinator takes its time. */
    private void look(Session session, long giveUp, CompletableFuture<Void> joined) {
        CompletableFuture<Void> unused = Topics.future(
                        session.admin().describeShareGroups(List.of(group)).all())
                .handle((groups, failure) -> {
                    boolean member = failure == null
                            && groups.values().stream()
                                    .flatMap(described -> described.members().stream())
                                    .anyMatch(one -> one.clientId().equals(clientId) && hasAll(one.assignment()));
                    boolean replaced = link.session() != session && link.isConnected();
                    if (member || replaced || System.nanoTime() - giveUp > 0) {
                        joined.complete(null);
                    } else if (link.isClosed()) {
                        joined.completeExceptionally(link.notConnected(pattern.text()));
                    } else {
                        link.threads()
                                .later(() -> look(session, giveUp, joined), LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                    }
                    return null;
                });
    }

    private synchronized boolean hasAll(ShareMemberAssignment assignment) {
        Set<String> assigned = new HashSet<>();
        assignment.topicPartitions().forEach(partition -> assigned.add(partition.topic()));
        return assigned.containsAll(topics);
    }

    // -- Topics that appear --

    @Override
    public Set<String> watched() {
        return Set.of();
    }

    @Override
    public boolean watchesAll() {
        return !pattern.isExact() && link.mapping().sharedTopic() == null;
    }

    @Override
    public boolean watches(String topic) {
        return !leaving && watchesAll() && link.mapping().mayMatch(pattern, topic);
    }

    @Override
    public void topicMade(String topic) {
        found(Map.of(topic, 1));
    }

    @Override
    public synchronized void found(Map<String, Integer> counts) {
        ShareLoop current = loop;
        boolean more = false;
        for (String topic : counts.keySet()) {
            more |= watches(topic) && topics.add(topic);
        }
        if (more && current != null) {
            current.read(topics);
        }
    }

    // -- Messages --

    private boolean onRecord(ConsumerRecord<byte[], byte[]> record, KafkaDelivery.Settling settling) {
        KafkaDelivery delivery = inlet.delivery(record, settling);
        if (delivery == null) {
            return false;
        }
        if (queue == null) {
            handler.onMessage(delivery);
        } else {
            queue.add(() -> handler.onMessage(delivery));
        }
        return true;
    }

    // -- Connections that come and go --

    @Override
    public CompletableFuture<Void> rejoin(Session next, boolean sameCluster) {
        if (leaving || loop == null) {
            return CompletableFuture.completedFuture(null); // it ends, or has not begun
        }
        return sameCluster ? join(next, Set.copyOf(topics)) : begin(next);
    }

    @Override
    public void lost() {
        ShareLoop current = loop;
        if (current != null) {
            current.lost();
        }
        if (leaving) {
            finish();
        }
    }

    // -- Ending --

    @Override
    public CompletionStage<Void> stop() {
        boolean first;
        synchronized (this) {
            first = !leaving;
            leaving = true;
        }
        if (first) {
            CompletableFuture<Void> unused = link.presence().leave(interest).handle((left, failure) -> {
                stopReading();
                return null;
            });
        }
        return link.outside(ended);
    }

    private void stopReading() {
        ShareLoop current = loop;
        if (current == null || link.session() == null) {
            finish();
            return;
        }
        Session session = link.session();
        boolean last = session != null && link.presence().registry().members(interest) == 0;
        CompletableFuture<Void> assigned = new CompletableFuture<>();
        if (last && watchesAll()) {
            look(
                    session,
                    System.nanoTime() + JOIN_NANOS,
                    assigned); // topics that were made just now are its business, too
        } else {
            assigned.complete(null);
        }
        CompletableFuture<Void> unused = assigned.thenCompose(
                        has -> last && session != null ? alone(session) : CompletableFuture.completedFuture(null))
                .thenCompose(others -> current.stop(last))
                .thenRun(this::finish);
    }

    /** Completes when the others have left the group for good: until then they may give back what they hold. */
    private CompletableFuture<Void> alone(Session session) {
        CompletableFuture<Void> alone = new CompletableFuture<>();
        awaitAlone(session, System.nanoTime() + LEAVE_NANOS, alone);
        return alone;
    }

    private void awaitAlone(Session session, long giveUp, CompletableFuture<Void> alone) {
        CompletableFuture<Void> unused = Topics.future(
                        session.admin().describeShareGroups(List.of(group)).all())
                .handle((groups, failure) -> {
                    boolean others = failure == null
                            && groups.values().stream()
                                    .flatMap(described -> described.members().stream())
                                    .anyMatch(one -> !one.clientId().equals(clientId));
                    boolean over = !others || link.session() != session || System.nanoTime() - giveUp > 0;
                    if (over
                            || !link.threads()
                                    .later(
                                            () -> awaitAlone(session, giveUp, alone),
                                            LOOK_AGAIN_MILLIS,
                                            TimeUnit.MILLISECONDS)) {
                        alone.complete(null);
                    }
                    return null;
                });
    }

    @Override
    public CompletableFuture<Void> closing() {
        ShareLoop current = loop;
        return current == null || current.isOwnThread() ? CompletableFuture.completedFuture(null) : current.close();
    }

    private void finish() {
        if (queue == null) {
            ended.complete(null);
        } else {
            queue.end(() -> ended.complete(null));
        }
        ShareLoop current = loop;
        if (current == null) {
            link.remove(this);
        } else {
            CompletableFuture<Void> unused = current.ended().thenRun(() -> link.remove(this));
        }
    }
}
