package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What a record that was read says. Its headers are gone through once, and again only for a message that has others than ours: looking for a
 * single one goes through all.
 */
final class Incoming {

    private static final byte[] NONE = {};
    private static final int MAX_DIGITS = 9;

    private final ConsumerRecord<byte[], byte[]> record;
    private final @Nullable String keyHeader;
    private boolean hasOthers;
    private byte @Nullable [] correlation;
    private byte @Nullable [] replyTopic;
    private byte @Nullable [] replyPartition;
    private byte @Nullable [] wayBack;
    private byte @Nullable [] subject;
    private @Nullable String contentType;

    /** @param keyHeader the name of the header that a key becomes, if there is no such header; or null */
    Incoming(ConsumerRecord<byte[], byte[]> record, @Nullable String keyHeader) {
        this.record = record;
        this.keyHeader = keyHeader;
        for (Header header : record.headers()) {
            hasOthers |= !keep(header.key(), header.value());
        }
    }

    /** Of several, the last counts. False if it is not {@linkplain RecordCodec#isOurs ours}. */
    private boolean keep(String name, byte @Nullable [] value) {
        switch (name) {
            case RecordCodec.CORRELATION -> correlation = value;
            case RecordCodec.REPLY_TOPIC -> replyTopic = value;
            case RecordCodec.REPLY_PARTITION -> replyPartition = value;
            case RecordCodec.WAY_BACK -> wayBack = value;
            case RecordCodec.SUBJECT -> subject = value;
            case RecordCodec.CONTENT_TYPE -> contentType = text(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static String text(byte @Nullable [] value) {
        return value == null ? "" : new String(value, UTF_8);
    }

    /** The message, without the headers that are ours. Made when asked for: many records are for somebody else. */
    Message message() {
        return Message.wrap(record.value() == null ? NONE : record.value(), headers(), contentType);
    }

    private Headers headers() {
        boolean wantsKey = keyHeader != null && record.key() != null;
        if (!hasOthers && !wantsKey) {
            return Headers.EMPTY;
        }
        List<String> pairs = new ArrayList<>();
        for (Header header : record.headers()) {
            if (!RecordCodec.isOurs(header.key())) {
                pairs.add(header.key());
                pairs.add(text(header.value()));
                wantsKey = wantsKey && !header.key().equals(keyHeader);
            }
        }
        if (wantsKey) {
            pairs.add(keyHeader);
            pairs.add(text(record.key()));
        }
        return Headers.received(pairs.toArray(new String[0]));
    }

    /** Of a reply, what the request had; of a request, what its reply has to have. */
    byte @Nullable [] correlation() {
        return correlation;
    }

    /** The subject, where the topic does not tell it; or null. */
    @Nullable
    String subject() {
        return subject == null ? null : new String(subject, UTF_8);
    }

    /** Where the sender wants its reply; null if it wants none. */
    @Nullable
    KafkaReplyAddress replyAddress() {
        KafkaReplyAddress address = address(replyTopic, replyPartition, RecordCodec.CORRELATION, correlation);
        return address == null && hasOthers ? smallRyeAddress() : address;
    }

    /** These are headers of the message, too: their names are such as anybody might choose. */
    private @Nullable KafkaReplyAddress smallRyeAddress() {
        byte[] topic = last(RecordCodec.SMALLRYE_REPLY_TOPIC);
        return topic == null
                ? null
                : address(
                        topic,
                        last(RecordCodec.SMALLRYE_REPLY_PARTITION),
                        RecordCodec.SMALLRYE_CORRELATION,
                        last(RecordCodec.SMALLRYE_CORRELATION));
    }

    private byte @Nullable [] last(String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : header.value();
    }

    /** Where the sender of a reply wants an answer to it; null if it wants none. */
    @Nullable
    KafkaReplyAddress wayBack() {
        return wayBack == null ? null : address(replyTopic, replyPartition, RecordCodec.CORRELATION, wayBack);
    }

    private static @Nullable KafkaReplyAddress address(
            byte @Nullable [] topic, byte @Nullable [] partition, String header, byte @Nullable [] correlationId) {
        return topic == null || topic.length == 0
                ? null
                : new KafkaReplyAddress(new String(topic, UTF_8), partition(partition), header, correlationId);
    }

    /** Four bytes, most significant first, or digits; null if it is neither. */
    private static @Nullable Integer partition(byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        if (value.length == Integer.BYTES && value[0] == 0) { // nobody has so many that it were not
            return ByteBuffer.wrap(value).getInt();
        }
        int number = value.length > MAX_DIGITS || value.length == 0 ? -1 : 0;
        for (int i = 0; i < value.length && number >= 0; i++) {
            int digit = value[i] - '0';
            number = digit < 0 || digit > 9 ? -1 : number * 10 + digit;
        }
        return number < 0 ? null : number;
    }
}
