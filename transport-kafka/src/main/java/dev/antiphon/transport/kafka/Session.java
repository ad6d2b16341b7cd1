package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The native clients of one connection, from the first word to the loss. They would reconnect by themselves, and send later what waits;
 * but that is for the engine to decide, so a loss is the end of all of them.
 */
final class Session {

    private static final long NUDGE_AGAIN_MILLIS = 25;

    private final KafkaLink link;
    private final Settings settings;
    private final List<String> bootstrap;
    private final Admin admin;
    private final String clusterId;
    private final int brokers;
    private final Topics topics;
    private final Outbox outbox;
    private final PollLoop loop;
    private final Inquiries inquiries;
    /** Topics that are needed, are not there, and can not be made. */
    private final Set<String> missed = ConcurrentHashMap.newKeySet();

    private Session(KafkaLink link, List<String> bootstrap, Admin admin, String clusterId, int brokers) {
        this.link = link;
        this.settings = link.settings();
        this.bootstrap = bootstrap;
        this.admin = admin;
        this.clusterId = clusterId;
        this.brokers = brokers;
        topics = new Topics(admin, settings, link.presence()::made);
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(producerConfig(), new ByteArraySerializer(), new ByteArraySerializer());
        outbox = new Outbox(producer, topics, link.threads(), link.failures(), link.placement(), settings.maxPending());
        MetadataWatch watch = new MetadataWatch();
        KafkaConsumer<byte[], byte[]> consumer;
        try {
            consumer = new KafkaConsumer<>(consumerConfig(), watch, new ByteArrayDeserializer());
        } catch (KafkaException refused) {
            producer.close(Duration.ZERO);
            throw refused;
        }
        loop = new PollLoop(consumer, link.threads().name("poll"), link.events()::error, this::endFetch);
        watch.notify(loop::metadataCame);
        inquiries = new Inquiries(link.presence(), topics, new ForeignGroups(admin, settings.prefix() + ":"), settings);
    }

    /** Once more a moment later, when the reader's question where new partitions are is at the broker for sure. */
    private void endFetch() {
        link.presence().nudge();
        link.threads().later(link.presence()::nudge, NUDGE_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    Admin admin() {
        return admin;
    }

    String clusterId() {
        return clusterId;
    }

    /** As it was when this began. */
    boolean hasSeveralBrokers() {
        return brokers > 1;
    }

    Topics topics() {
        return topics;
    }

    Outbox outbox() {
        return outbox;
    }

    PollLoop loop() {
        return loop;
    }

    Inquiries inquiries() {
        return inquiries;
    }

    List<String> bootstrap() {
        return bootstrap;
    }

    // -- Configuration of the native clients --

    private Map<String, Object> producerConfig() {
        Map<String, Object> all = new HashMap<>();
        all.put("linger.ms", "0");
        all.put("batch.size", Integer.toString(64 * 1024));
        // A broker takes one request at a time from a connection. What would lie there goes into the next batch
        // instead.
        all.put("max.in.flight.requests.per.connection", "1");
        all.put("buffer.memory", Long.toString(Math.min(settings.maxPending(), 1L << 30) + (64L << 20)));
        all.put("max.request.size", Integer.toString(16 * 1024 * 1024));
        all.put("request.timeout.ms", "15000");
        all.put("delivery.timeout.ms", "30000");
        all.putAll(settings.client(bootstrap, "producer"));
        all.put("acks", "all"); // what is told to be sent has its place in the log
        all.put("max.block.ms", "0");
        return all;
    }

    private Map<String, Object> consumerConfig() {
        Map<String, Object> all = new HashMap<>();
        long wait = Math.max(10, Math.min(500, settings.silenceLimit().toMillis() / 6));
        all.put("fetch.max.wait.ms", Long.toString(wait));
        all.put("max.poll.records", "5000");
        all.put("retry.backoff.ms", "5"); // also between questions where partitions are
        all.put("retry.backoff.max.ms", "500");
        all.putAll(settings.client(bootstrap, "consumer"));
        all.put("enable.auto.commit", "false");
        all.put("auto.offset.reset", "none");
        all.put("allow.auto.create.topics", "false");
        all.put("group.protocol", "classic");
        return all;
    }

    // -- Opening; blocks --

    /**
     * Connects, with one round of attempts over all addresses, and finds its place among the other messengers. The limit is for each step: the native clients
     * need seconds of processor time for their first steps in a process, and where there is little of it, that is no fault of the brokers.
     */
    static Session open(KafkaLink link) {
        Settings settings = link.settings();
        List<String> reachable = link.probe().reachable();
        Duration limit = link.stepLimit();
        Admin admin = null;
        Session session = null;
        try {
            admin = Admin.create(adminConfig(settings, reachable));
            DescribeClusterResult cluster =
                    admin.describeCluster(new DescribeClusterOptions().timeoutMs((int) limit.toMillis()));
            String id = within(Topics.future(cluster.clusterId()), limit);
            int brokers = within(Topics.future(cluster.nodes()), limit).size();
            session = new Session(link, reachable, admin, id, brokers);
            session.prepare(limit);
            return session;
        } catch (RuntimeException failure) {
            if (session != null) {
                session.abandon();
            } else if (admin != null) {
                admin.close(Duration.ZERO);
            }
            Throwable cause = Topics.unwrapped(failure);
            throw cause instanceof AntiphonException ours ? ours : refused(settings, cause);
        }
    }

    private static Map<String, Object> adminConfig(Settings settings, List<String> bootstrap) {
        Map<String, Object> all = new HashMap<>();
        all.put("request.timeout.ms", "10000");
        all.put("default.api.timeout.ms", "15000");
        all.put("retry.backoff.ms", "10"); // also until the leaders of a new topic's partitions are there
        all.put("retry.backoff.max.ms", "500");
        all.putAll(settings.client(bootstrap, "admin"));
        return all;
    }

    private static <T> T within(CompletableFuture<T> future, Duration limit) {
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new org.apache.kafka.common.errors.TimeoutException("no answer within " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }

    private static AntiphonException refused(Settings settings, Throwable failure) {
        String target = settings.config().toString();
        if (failure instanceof AuthenticationException && !(failure instanceof SslAuthenticationException)) {
            return new AntiphonException(
                    ErrorCode.AUTHENTICATION,
                    target + " refuses the credentials (" + failure.getMessage() + "); check user and password",
                    failure);
        }
        if (failure instanceof AuthorizationException) {
            return new AntiphonException(
                    ErrorCode.PERMISSION_DENIED,
                    target + " denies what every messenger needs: " + failure.getMessage(),
                    failure);
        }
        ConfigException unusable = unusable(failure);
        if (unusable != null) {
            return new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the native clients do not take what the options " + KafkaOptions.PROPERTIES + " and "
                            + KafkaOptions.PROPERTIES_FILE + " say: " + unusable.getMessage(),
                    failure);
        }
        if (failure instanceof UnknownTopicOrPartitionException && !settings.createsTopics()) {
            return new AntiphonException(
                    ErrorCode.NOT_FOUND,
                    target + " lacks what every messenger needs, the topics " + settings.presenceTopic() + " and "
                            + settings.replyTopic() + ": " + failure.getMessage(),
                    failure);
        }
        return new AntiphonException(
                ErrorCode.NOT_CONNECTED,
                "no connection to " + target + ": " + failure.getMessage()
                        + "; a broker is there: is it all right, and is " + KafkaOptions.CONNECT_TIMEOUT
                        + " long enough?",
                failure,
                false,
                null,
                null);
    }

    private static @Nullable ConfigException unusable(@Nullable Throwable failure) {
        return failure == null || failure instanceof ConfigException
                ? (ConfigException) failure
                : unusable(failure.getCause());
    }

    /** Makes what is missing, says hello, and reads who else is there. */
    private void prepare(Duration limit) {
        CompletableFuture<Void> others = inquiries.lookAround();
        within(
                CompletableFuture.allOf(topics.ensure(settings.presenceTopic()), topics.ensure(settings.replyTopic())),
                limit);
        try {
            outbox.awaitKnown(settings.presenceTopic(), limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
        RecordMetadata hello = within(link.presence().hello(this), limit);
        TopicPartition partition = new TopicPartition(settings.presenceTopic(), 0);
        long from = within(presenceSince(partition, hello), limit);
        link.presence().restart(from, hello);
        loop.read(Map.of(partition, from), Map.of(), link.presence());
        boolean same = link.restorables().resume(this);
        loop.start();
        within(link.presence().readUpTo(hello.offset() + 1), limit);
        // Groups that begin at brokers which never had one take seconds.
        within(link.restorables().rejoin(this, same), same ? limit : settings.connectTimeout());
        within(others, limit);
    }

    /**
     * Where to begin to read of the others: as far back as they may have spoken last, if they speak as often as this messenger; and further, for those who
     * speak less often, where that is not much to read.
     */
    private CompletableFuture<Long> presenceSince(TopicPartition partition, RecordMetadata hello) {
        return offsetAt(partition, hello, link.presence().longestExpiry())
                .thenCombine(
                        offsetAt(partition, hello, Presence.LONGEST_MEMORY),
                        (own, others) -> Math.min(own, Math.max(others, hello.offset() - Presence.FURTHER_RECORDS)));
    }

    /** The first record that is no older than that when we come. */
    private CompletableFuture<Long> offsetAt(TopicPartition partition, RecordMetadata hello, Duration age) {
        return topics.offsets(List.of(partition), OffsetSpec.forTimestamp(hello.timestamp() - age.toMillis()))
                .thenApply(found -> {
                    long offset = found.getOrDefault(partition, -1L);
                    return offset < 0 ? hello.offset() : Math.min(offset, hello.offset());
                });
    }

    /** Topics that have to be there: those of the transport, and those of which the native producer has records that it does not get rid of. */
    Set<String> needed() {
        Set<String> needed = outbox.lanes().stuckTopics();
        needed.addAll(settings.ownTopics());
        return needed;
    }

    /** Has those made again that somebody has deleted. */
    void remake(Set<String> needed, Set<String> there) {
        missed.removeAll(there);
        for (String name : needed) {
            if (!there.contains(name)) {
                CompletableFuture<Void> unused = topics.ensure(name).exceptionally(failure -> {
                    if (missed.add(name)) {
                        link.events()
                                .error(NativeFailure.of("making the topic " + name + " again", failure, false, null));
                    }
                    return null;
                });
            }
        }
    }

    // -- What was sent --

    /** Completes when all that was asked and sent before is at the brokers, or fails after that time. */
    CompletableFuture<Void> flush(Duration limit) {
        return inquiries
                .answered()
                .thenCompose(asked -> outbox.flush())
                .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(failure -> {
                    Throwable cause = Topics.unwrapped(failure);
                    throw cause instanceof TimeoutException
                            ? link.failures().unanswered(limit)
                            : cause instanceof AntiphonException ours ? ours : new CompletionException(cause);
                });
    }

    // -- The end --

    /** Ends at once, also on an interrupted thread. What was sent and not confirmed fails. */
    void abandon() {
        outbox.close();
        CompletableFuture<Void> unused = loop.close();
        try {
            outbox.producer().close(Duration.ZERO);
        } catch (KafkaException interrupted) {
            // it ends nevertheless; the thread still knows that it was interrupted
        } finally {
            admin.close(Duration.ZERO);
        }
    }
}
