package dev.antiphon.transport.kafka;

import dev.antiphon.spi.DeliveryQueue;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportSubscription;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * A member of a queue group. The group of one name is another one for each subject, since the members of a group of Kafka share the
 * group's topics. Who finds nobody in the group has it begin now: what was sent while nobody was there is not delivered, as everywhere
 * else, unless the option {@code start} says otherwise.
 *
 * @param <R> what reads for it
 */
abstract class GroupMember<R extends GroupReader> implements TransportSubscription, Restorable {

    final KafkaLink link;
    final SubjectPattern pattern;
    final Interest interest;
    /** The name of the group at the brokers. */
    final String group;

    private final InboundHandler handler;
    private final @Nullable DeliveryQueue queue;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    /** What it reads. Guarded by this. */
    final Set<String> topics = new HashSet<>();
    /** What of these was missing when it was looked for last. Guarded by this. */
    private Set<String> missed = new HashSet<>();

    private volatile @Nullable R reader;
    private volatile boolean leaving;

    GroupMember(KafkaLink link, SubscribeSpec spec, String group, InboundHandler handler) {
        this.link = link;
        this.pattern = SubjectPattern.of(spec.subject());
        this.interest = new Interest(pattern, group);
        this.group = link.settings().prefix() + ":" + group + ":" + spec.subject();
        this.handler = handler;
        this.queue = spec.runsUserCode() ? link.newQueue(spec.subject()) : null;
    }

    // -- Beginning --

    CompletableFuture<TransportSubscription> subscribe() {
        Session session = link.connected(pattern.text());
        link.restorables().add(this);
        return begin(session)
                .thenCompose(begun -> link.presence().join(interest))
                .handle((told, failure) -> {
                    if (failure != null) {
                        R current = reader;
                        if (current != null) {
                            CompletableFuture<Void> unused = current.close();
                        }
                        finish();
                        throw link.session() == session
                                ? explained(Topics.unwrapped(failure))
                                : link.notConnected(pattern.text());
                    }
                    return this;
                });
    }

    /** Has the group begin, if nobody is in it, and joins it. */
    abstract CompletableFuture<Void> begin(Session session);

    /** Why the brokers do not have it in such a group. */
    abstract RuntimeException explained(Throwable failure);

    /** The topics to begin with. */
    CompletableFuture<Set<String>> topics(Session session) {
        if (watchesAll()) {
            return session.topics().names(this::matches);
        }
        String topic = link.mapping().topicOf(pattern.text());
        return session.topics().ensure(topic).thenApply(exists -> Set.of(topic));
    }

    private boolean isAlone() {
        return link.presence().registry().members(interest) == 0;
    }

    /** Has the group begin at these places, if nobody is in it, as far as messengers tell. */
    CompletableFuture<Void> pin(Session session, Map<TopicPartition, Long> places) {
        if (!isAlone()) {
            return CompletableFuture.completedFuture(null);
        }
        if (places.isEmpty()) {
            return beginWithoutTopics(session);
        }
        if (link.settings().start().isNow()) {
            return begin(session, places);
        }
        return begun(session).thenCompose(known -> {
            Map<TopicPartition, Long> fresh = new HashMap<>(places);
            fresh.keySet().removeAll(known);
            return fresh.isEmpty() ? CompletableFuture.completedFuture(null) : begin(session, fresh);
        });
    }

    /** The partitions in which the group has a place. */
    abstract CompletableFuture<Set<TopicPartition>> begun(Session session);

    /** Gives it these; with others in it, it goes on where it is. */
    abstract CompletableFuture<Void> begin(Session session, Map<TopicPartition, Long> places);

    /** There is no topic yet. */
    CompletableFuture<Void> beginWithoutTopics(Session session) {
        return CompletableFuture.completedFuture(null);
    }

    /** Those of which something is known. */
    static Set<TopicPartition> withValue(Map<TopicPartition, ?> known) {
        Set<TopicPartition> some = new HashSet<>();
        known.forEach((partition, value) -> {
            if (value != null) {
                some.add(partition);
            }
        });
        return some;
    }

    /** Puts another reader, not begun yet, in the place of the one before. With this locked. */
    void replace(R next) {
        R before = reader;
        if (before != null) {
            before.lost(); // of other brokers, or of an attempt to reconnect that failed later
        }
        reader = next;
    }

    // -- Topics that appear --

    @Override
    public boolean watchesAll() {
        return link.mapping().spansTopics(pattern);
    }

    @Override
    public boolean watches(String topic) {
        return !leaving && matches(topic);
    }

    private boolean matches(String topic) {
        return watchesAll() && link.mapping().mayMatch(pattern, topic);
    }

    @Override
    public void topicMade(String topic) {
        if (leaving) {
            return;
        }
        R current = reader;
        if (current != null && reads(topic)) {
            appeared(current); // it was deleted, and made anew
        } else {
            read(Set.of(topic));
        }
    }

    private synchronized boolean reads(String topic) {
        return topics.contains(topic);
    }

    @Override
    public void found(Topics.Found found) {
        if (!leaving) {
            forgetAllBut(found.counts().keySet());
            read(found.counts().keySet());
            R current = reader;
            if (current != null) {
                lookedFor(current, found.ids());
            }
        }
    }

    /** Who the topics are that were looked for. */
    void lookedFor(R current, Map<String, Uuid> ids) {}

    /** What a pattern matched, and has been missing twice: it was deleted, or may not be seen any more. */
    private synchronized void forgetAllBut(Set<String> there) {
        R current = reader;
        if (!watchesAll() || current == null) {
            return;
        }
        Set<String> missing = new HashSet<>(topics);
        missing.removeAll(there);
        missed.retainAll(missing);
        if (topics.removeAll(missed)) {
            current.read(topics);
        }
        missed = missing;
    }

    /** Reads those of them, too, that are its business. */
    void read(Set<String> names) {
        R current;
        boolean more = false;
        synchronized (this) {
            current = reader;
            for (String topic : names) {
                more |= matches(topic) && topics.add(topic);
            }
            if (more && current != null) {
                current.read(topics);
            }
        }
        if (more && current != null) {
            appeared(current);
        }
    }

    /** There is a new topic among those that it reads. */
    void appeared(R current) {}

    // -- Messages --

    /** A record. False if it is not for this subscription. */
    boolean onRecord(Inlet inlet, ConsumerRecord<byte[], byte[]> record, KafkaDelivery.Settling settling) {
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
        if (leaving || reader == null) {
            return CompletableFuture.completedFuture(null); // it ends, or has not begun
        }
        return sameCluster ? comeBack(next) : begin(next);
    }

    /** The same brokers are there again. */
    abstract CompletableFuture<Void> comeBack(Session next);

    @Override
    public void lost() {
        R current = reader;
        if (current != null && (leaving || link.isClosed() || !outlivesLoss())) {
            current.lost();
        }
        if (leaving) {
            finish();
        }
    }

    /** Whether what reads finds its own way back to the brokers. */
    abstract boolean outlivesLoss();

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
        R current = reader;
        Session session = link.session();
        if (current == null || session == null) {
            finish();
        } else {
            CompletableFuture<Void> unused =
                    stopReading(current, session, isAlone()).thenRun(this::finish);
        }
    }

    /**
     * Completes when nothing more is handed over.
     *
     * @param last whether it is the last member, so that it hands over what there is
     */
    abstract CompletableFuture<Void> stopReading(R current, Session session, boolean last);

    @Override
    public CompletableFuture<Void> closing() {
        R current = reader;
        return current == null || current.isOwnThread() ? CompletableFuture.completedFuture(null) : current.close();
    }

    private void finish() {
        if (queue == null) {
            ended.complete(null);
        } else {
            queue.end(() -> ended.complete(null));
        }
        R current = reader;
        if (current == null) {
            link.restorables().remove(this);
        } else {
            CompletableFuture<Void> unused =
                    current.ended().thenRun(() -> link.restorables().remove(this));
        }
    }
}
