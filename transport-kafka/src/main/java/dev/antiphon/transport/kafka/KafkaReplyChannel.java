package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.spi.CorrelationId;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Replies come to one partition of a topic that all messengers share. Each takes one that few others use, and passes over what is not
 * for it: a correlation begins with the token of its channel. So a messenger leaves nothing behind, however it ends.
 */
final class KafkaReplyChannel implements ReplyChannel, Restorable, Feed.Reader {

    private final KafkaLink link;
    private final ReplyHandler handler;
    private final byte[] token;
    private final byte[] topic;
    private volatile int number = -1;
    private volatile byte[] partition = {};
    private volatile boolean closed;

    KafkaReplyChannel(KafkaLink link, String token, ReplyHandler handler) {
        this.link = link;
        this.handler = handler;
        this.token = token.getBytes(UTF_8);
        this.topic = link.settings().replyTopic().getBytes(UTF_8);
    }

    /** Takes a partition; done when it is being read. */
    CompletableFuture<ReplyChannel> open() {
        Session session = link.connected(null);
        link.restorables().add(this);
        return begin(session)
                .thenCompose(reads -> session.loop().submit(reads))
                .thenRun(() -> link.presence().repliesAt(number)) // after that, so that the next fetch has it
                .<ReplyChannel>thenApply(reading -> this)
                .exceptionally(failure -> {
                    CompletionStage<Void> unused = close();
                    throw link.session() == session
                            ? NativeFailure.of("opening the reply channel", failure, false, null)
                            : link.notConnected(null);
                });
    }

    /** Takes a partition. The result begins to read it at its end. */
    private CompletableFuture<Runnable> begin(Session session) {
        return session.topics()
                .see(Set.of(link.settings().replyTopic()))
                .thenCompose(found -> session.topics()
                        .ends(Set.of(take(found)))
                        .thenApply(ends -> () -> session.loop().read(ends, found.ids(), this)));
    }

    private TopicPartition take(Topics.Found found) {
        int count = found.counts().getOrDefault(link.settings().replyTopic(), 1);
        number = link.presence().registry().freeReplyPartition(count, link.number());
        partition = RecordCodec.partition(number);
        return new TopicPartition(link.settings().replyTopic(), number);
    }

    // -- Requests --

    @Override
    public void request(OutboundMessage message, long correlationId, SendCallback callback) {
        Session session = link.session();
        if (session == null || closed) {
            callback.onFailed(notOpen(message.subject()));
            return;
        }
        Long expires = message.timeToLiveNanos() > 0 ? System.nanoTime() + message.timeToLiveNanos() : null;
        if (session.inquiries().isServed(message.subject())) {
            send(session, message, correlationId, expires, callback);
            return;
        }
        session.inquiries()
                .ask(
                        message.subject(),
                        served -> {
                            if (served && expires != null && expires - System.nanoTime() <= 0) {
                                callback.onFailed(link.failures().tooLate(message.subject()));
                            } else if (served) {
                                send(session, message, correlationId, expires, callback);
                            } else {
                                callback.onSent();
                                handler.onNoResponders(correlationId);
                            }
                        },
                        failure -> callback.onFailed(
                                session.outbox().isClosed()
                                        ? link.failures().disconnected(message.subject())
                                        : NativeFailure.of("asking who serves it", failure, false, message.subject())));
    }

    private void send(
            Session session,
            OutboundMessage message,
            long correlationId,
            @Nullable Long expires,
            SendCallback callback) {
        ProducerRecord<byte[], byte[]> record = link.records().message(message);
        addAddress(record, RecordCodec.CORRELATION, correlationId);
        session.outbox().send(record, message.subject(), expires, new Unconfirmed(session.outbox(), callback));
    }

    private void addAddress(ProducerRecord<byte[], byte[]> record, String header, long correlationId) {
        record.headers().add(header, correlation(correlationId));
        record.headers().add(RecordCodec.REPLY_TOPIC, topic);
        record.headers().add(RecordCodec.REPLY_PARTITION, partition);
    }

    @Override
    public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
        Session session = link.session();
        if (!(to instanceof KafkaReplyAddress address)) {
            callback.onFailed(KafkaTransport.foreign(to));
        } else if (session == null || closed) {
            callback.onFailed(notOpen(message.subject()));
        } else {
            ProducerRecord<byte[], byte[]> record = link.records().reply(address, message);
            addAddress(record, RecordCodec.WAY_BACK, correlationId);
            session.outbox().send(record, message.subject(), null, callback);
        }
    }

    private AntiphonException notOpen(String subject) {
        return closed ? link.failures().closed(subject) : link.notConnected(subject);
    }

    /**
     * The reply confirms a request. So one that was given to the producer and not confirmed when the connection was lost counts as sent: the
     * engine knows what to do with such a request.
     */
    private record Unconfirmed(Outbox outbox, SendCallback callback) implements SendCallback {
        @Override
        public void onSent() {
            callback.onSent();
        }

        @Override
        public void onFailed(AntiphonException failure) {
            if (outbox.isClosed() && failure.mayHaveExecuted()) {
                callback.onSent();
            } else {
                callback.onFailed(failure);
            }
        }
    }

    private byte[] correlation(long id) {
        byte[] all = Arrays.copyOf(token, token.length + CorrelationId.LENGTH);
        CorrelationId.write(id, all, token.length);
        return all;
    }

    // -- Replies, on the poll thread --

    @Override
    public void onRecord(ConsumerRecord<byte[], byte[]> record) {
        Incoming incoming = link.records().incoming(record);
        byte[] correlation = incoming.correlation();
        if (correlation == null || closed || !isMine(correlation)) {
            return;
        }
        Message reply = incoming.message();
        if (CorrelationId.isText(correlation, token.length, correlation.length)) {
            long id = CorrelationId.parse(correlation, token.length);
            handler.onReply(id, reply, link.records().checked(incoming.wayBack(), record));
        } else {
            String id = new String(correlation, token.length, correlation.length - token.length, UTF_8);
            handler.onUnreadable(id, reply);
        }
    }

    private boolean isMine(byte[] correlation) {
        return correlation.length >= token.length
                && Arrays.equals(correlation, 0, token.length, token, 0, token.length);
    }

    // -- Connections that come and go --

    /** At the same brokers it goes on where it was, so that replies that came meanwhile are read. */
    @Override
    public void restore(Session next, boolean sameCluster) {
        if (!sameCluster && !closed) {
            begin(next).join().run();
            link.presence().repliesAt(number);
            link.moved(this);
        }
    }

    /** Somebody has deleted the topic, and it was made again with fewer partitions. */
    @Override
    public void found(Topics.Found found) {
        Session session = link.session();
        int count = found.counts().getOrDefault(link.settings().replyTopic(), Integer.MAX_VALUE);
        if (number >= count && !closed && session != null) {
            session.loop().forget(this);
            session.loop().read(Map.of(take(found), 0L), found.ids(), this);
            link.presence().repliesAt(number);
            link.moved(this);
        }
    }

    @Override
    public boolean isGone() {
        return closed;
    }

    @Override
    public CompletionStage<Void> close() {
        closed = true;
        link.restorables().remove(this);
        Session session = link.session();
        if (session != null) {
            session.loop().execute(() -> session.loop().forget(this));
        }
        return CompletableFuture.completedFuture(null);
    }
}
