package dev.antiphon.transport.kafka;

import dev.antiphon.spi.DeliveryQueue;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportSubscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A subscription outside of groups: it reads every partition of its topics by itself, from where they end when it begins. A topic that
 * does not exist yet is read from its beginning once it does, so that nothing is missed however late that is noticed.
 */
final class FanOut implements TransportSubscription, Restorable, Feed.Reader {

    private static final int OVERHEAD = 256;
    private static final long LOOK_AGAIN_MILLIS = 20;
    private static final int LOOKS = 50;

    private final KafkaLink link;
    private final SubjectPattern pattern;
    private final Interest interest;
    private final InboundHandler handler;
    private final Inlet inlet;
    private final @Nullable DeliveryQueue queue;
    private final long maxUnhandled;
    private final AtomicLong unhandled = new AtomicLong();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean leaving;
    private volatile boolean gone;

    /** How many partitions of each topic are read. Changed on the poll thread. */
    private final Map<String, Integer> read = new ConcurrentHashMap<>();

    /** On the poll thread, as is the next. */
    private final List<String> early = new ArrayList<>();

    private boolean begun;

    FanOut(KafkaLink link, SubscribeSpec spec, InboundHandler handler) {
        this.link = link;
        this.pattern = SubjectPattern.of(spec.subject());
        this.interest = new Interest(pattern, null);
        this.handler = handler;
        this.inlet = new Inlet(link, pattern);
        this.queue = spec.runsUserCode() ? link.newQueue(spec.subject()) : null;
        this.maxUnhandled = link.settings().maxUnhandled();
    }

    // -- Beginning --

    CompletableFuture<TransportSubscription> subscribe() {
        Session session = link.connected(pattern.text());
        link.restorables().add(this);
        return starts(session)
                .thenCompose(starts -> session.loop().submit(() -> begin(session, starts)))
                .thenCompose(reading -> link.presence().join(interest))
                .handle((told, failure) -> {
                    if (failure != null) {
                        link.restorables().remove(this);
                        session.loop().execute(() -> session.loop().forget(this));
                        finish();
                        throw link.session() == session
                                ? NativeFailure.of("subscribing", failure, false, pattern.text())
                                : link.notConnected(pattern.text());
                    }
                    prepare();
                    return this;
                });
    }

    /** Has the topic made, unless it is left again at once: so the first request need not wait for that. */
    private void prepare() {
        if (pattern.isExact() && link.settings().createsTopics()) {
            link.threads().later(this::make, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void make() {
        Session session = link.session();
        if (session != null && !leaving) {
            CompletableFuture<Void> unused =
                    session.topics().ensure(link.mapping().topicOf(pattern.text()));
        }
    }

    /** Places in the partitions of topics. */
    private record Places(Topics.Found topics, Map<TopicPartition, Long> offsets) {}

    /** Where to begin in the partitions of all topics that there are. */
    private CompletableFuture<Places> starts(Session session) {
        return places(session, all -> link.settings().start().places(session.topics(), all));
    }

    /** Where they end. */
    private CompletableFuture<Places> ends(Session session) {
        return places(session, session.topics()::ends);
    }

    private CompletableFuture<Places> places(
            Session session, Function<Set<TopicPartition>, CompletableFuture<Map<TopicPartition, Long>>> offsets) {
        return topics(session)
                .thenCompose(session.topics()::see)
                .thenCompose(found ->
                        offsets.apply(Topics.all(found.counts())).thenApply(places -> new Places(found, places)));
    }

    private CompletableFuture<Set<String>> topics(Session session) {
        return watchesAll() ? session.topics().names(this::matches) : CompletableFuture.completedFuture(watched());
    }

    private void begin(Session session, Places starts) {
        session.loop().read(starts.offsets(), starts.topics().ids(), this);
        starts.topics().counts().forEach((topic, count) -> read.merge(topic, count, Math::max));
        begun = true;
        List.copyOf(early).forEach(this::topicMade);
        early.clear();
    }

    @Override
    public Set<String> watched() {
        return watchesAll() ? read.keySet() : Set.of(link.mapping().topicOf(pattern.text()));
    }

    @Override
    public boolean watchesAll() {
        return link.mapping().spansTopics(pattern);
    }

    @Override
    public boolean watches(String topic) {
        return !leaving && matches(topic);
    }

    private boolean matches(String topic) {
        return link.mapping().mayMatch(pattern, topic);
    }

    @Override
    public void topicMade(String topic) {
        if (!watches(topic)) {
            return;
        }
        if (!begun) {
            early.add(topic);
            return;
        }
        Session session = link.session();
        if (session != null) {
            session.loop().putAside(topic); // if it is read, it was deleted and is made anew
            look(session, topic, LOOKS);
        }
    }

    /** A topic that was made just now may not be known everywhere yet. */
    private void look(Session session, String topic, int looks) {
        CompletableFuture<Void> unused = session.topics().see(Set.of(topic)).thenAccept(found -> {
            if (!found.counts().isEmpty()) {
                session.loop().execute(() -> {
                    session.loop().lookedFor(Set.of(topic), found.ids());
                    found(found);
                });
            } else if (looks > 0 && link.session() == session) {
                link.threads().later(() -> look(session, topic, looks - 1), LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        });
    }

    @Override
    public void found(Topics.Found found) {
        Session session = link.session();
        if (begun && !leaving && session != null) {
            readNew(session.loop(), found);
        }
    }

    private void readNew(PollLoop loop, Topics.Found found) {
        for (Map.Entry<String, Integer> topic : found.counts().entrySet()) {
            int before = read.getOrDefault(topic.getKey(), 0);
            if (matches(topic.getKey()) && topic.getValue() > before) {
                for (int number = before; number < topic.getValue(); number++) {
                    loop.read(Map.of(new TopicPartition(topic.getKey(), number), 0L), found.ids(), this);
                }
                read.put(topic.getKey(), topic.getValue());
            }
        }
    }

    // -- Messages, on the poll thread --

    @Override
    public void onRecord(ConsumerRecord<byte[], byte[]> record) {
        KafkaDelivery delivery = gone ? null : inlet.delivery(record, null);
        if (delivery == null) {
            return;
        }
        if (queue == null) {
            handler.onMessage(delivery);
            return;
        }
        long size = OVERHEAD + (long) record.serializedValueSize();
        unhandled.addAndGet(size);
        queue.add(() -> {
            handler.onMessage(delivery);
            handled(size);
        });
    }

    private void handled(long size) {
        long left = unhandled.addAndGet(-size);
        if (left <= maxUnhandled && left + size > maxUnhandled) {
            Session session = link.session();
            if (session != null) {
                session.loop().execute(() -> {});
            }
        }
    }

    @Override
    public boolean isFull() {
        return unhandled.get() > maxUnhandled;
    }

    // -- Connections that come and go --

    @Override
    public void restore(Session next, boolean sameCluster) {
        if (leaving) {
            return;
        }
        if (!sameCluster) {
            read.clear();
            begin(next, starts(next).join());
        } else if (begun) {
            // What was made meanwhile.
            readNew(next.loop(), topics(next).thenCompose(next.topics()::look).join());
        }
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    @Override
    public void lost() {
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
            leave();
        }
        return link.outside(ended);
    }

    private void leave() {
        Session session = link.session();
        CompletableFuture<Void> told = link.presence().leave(interest);
        if (session == null) {
            finish();
            return;
        }
        CompletableFuture<Void> unused = told.handle((left, failure) -> null)
                .thenCompose(left -> ends(session))
                .thenCompose(ends -> session.loop().submit(() -> {
                    readNew(session.loop(), ends.topics()); // made just now, and not noticed yet
                    session.loop().stopAt(this, ends.offsets());
                }))
                .whenComplete((stopping, failure) -> {
                    if (failure != null) {
                        session.loop().execute(() -> session.loop().forget(this));
                        finish();
                    }
                });
    }

    @Override
    public void onEnd() {
        finish();
    }

    private void finish() {
        gone = true;
        link.restorables().remove(this);
        if (queue == null) {
            ended.complete(null);
        } else {
            queue.end(() -> ended.complete(null));
        }
    }
}
