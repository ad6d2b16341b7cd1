package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.SendCallback;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One record on its way, and the native producer's callback for it. One thread at a time. */
final class Send implements Callback {

    private final Outbox outbox;
    private final Wave wave;
    private ProducerRecord<byte[], byte[]> record;
    private final String subject;
    private final long size;
    private final @Nullable Long expires;
    private final SendCallback callback;
    private @Nullable Lane lane;
    /** The thread that is just giving it to the producer. */
    private volatile @Nullable Thread handing;

    private boolean unknown;

    /**
     * @param wave what it counts in; entered
     * @param size how many bytes it counts for
     * @param expires when it is of no use any more, or null
     */
    Send(
            Outbox outbox,
            Wave wave,
            ProducerRecord<byte[], byte[]> record,
            String subject,
            long size,
            @Nullable Long expires,
            SendCallback callback) {
        this.outbox = outbox;
        this.wave = wave;
        this.record = record;
        this.subject = subject;
        this.size = size;
        this.expires = expires;
        this.callback = callback;
    }

    ProducerRecord<byte[], byte[]> record() {
        return record;
    }

    String topic() {
        return record.topic();
    }

    String subject() {
        return subject;
    }

    long size() {
        return size;
    }

    /** Whether any partition is as good as another. */
    boolean goesAnywhere() {
        return record.partition() == null && record.key() == null;
    }

    boolean hasDeadline() {
        return expires != null;
    }

    boolean isOver() {
        return expires != null && expires - System.nanoTime() <= 0;
    }

    /** It has waited: the receiver is to know what is left of its time. */
    void waited() {
        if (expires != null && record.headers().lastHeader(ControlHeaders.BUDGET) != null) {
            long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(expires - System.nanoTime()));
            record = new ProducerRecord<>(
                    record.topic(),
                    record.partition(),
                    record.timestamp(),
                    record.key(),
                    record.value(),
                    record.headers());
            record.headers()
                    .remove(ControlHeaders.BUDGET)
                    .add(ControlHeaders.BUDGET, Long.toString(left).getBytes(UTF_8));
        }
    }

    /**
     * Gives it to the native producer.
     *
     * @param placed the record with its partition
     * @param on that partition, if it is known
     * @return false if the producer does not know the topic, or does not know it to have that partition
     */
    boolean hand(KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> placed, @Nullable Lane on) {
        unknown = false;
        lane = on;
        if (on != null) {
            on.entered();
        }
        handing = Thread.currentThread();
        try {
            Future<RecordMetadata> unused = producer.send(placed, this);
        } catch (IllegalStateException | KafkaException refused) {
            left();
            fail(outbox.failed(this, refused, false));
        } finally {
            handing = null;
        }
        return !unknown;
    }

    private void left() {
        Lane on = lane;
        if (on != null) {
            lane = null;
            on.left();
        }
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
        left();
        boolean isHanding = handing == Thread.currentThread();
        if (failure == null) {
            outbox.rid(this);
            try {
                callback.onSent();
            } finally {
                wave.leave();
            }
        } else if (isHanding && failure instanceof TimeoutException && !(failure instanceof BufferExhaustedException)) {
            unknown = true; // told before send() returns: nothing was sent
        } else {
            fail(outbox.failed(this, failure, !isHanding));
        }
    }

    void fail(AntiphonException why) {
        outbox.rid(this);
        try {
            callback.onFailed(why.subject() == null ? why.about(subject, null) : why);
        } finally {
            wave.leave();
        }
    }
}
