package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Messages as native properties, and back. */
final class MessageCodec {

    static final int TRANSIENT = 1;
    static final int PERSISTENT = 2;

    /** The text for a time to live. Most requests of a program have the same. */
    private record Expiration(long millis, String text) {}

    /** The table for headers. The engine gives requests that have no headers of their own the same object again. */
    private record Table(Headers headers, @Nullable Map<String, Object> table) {}

    private volatile Expiration last = new Expiration(1, "1");
    private volatile Table lastTable = new Table(Headers.EMPTY, null);

    /** A message that asks for no reply. */
    BasicProperties publication(Message message, boolean persistent, long timeToLiveNanos) {
        Headers headers = message.headers();
        String expiration = expiration(timeToLiveNanos);
        int deliveryMode = persistent ? PERSISTENT : TRANSIENT;
        if (!headers.isEmpty() && headers.containsPrefix(NativeHeaders.PREFIX)) {
            return NativeHeaders.apply(
                    headers,
                    properties(message, NativeHeaders.others(headers), deliveryMode, null, null, expiration),
                    /* publication= */ true);
        }
        return properties(message, headers, deliveryMode, null, null, expiration);
    }

    /** A request, or a reply if it has no address of its own. */
    BasicProperties correlated(
            Message message, @Nullable String correlationId, @Nullable String replyTo, long timeToLiveNanos) {
        Headers headers = message.headers();
        String expiration = expiration(timeToLiveNanos);
        if (!headers.isEmpty() && headers.containsPrefix(NativeHeaders.PREFIX)) {
            return NativeHeaders.apply(
                    headers,
                    properties(message, NativeHeaders.others(headers), TRANSIENT, correlationId, replyTo, expiration),
                    /* publication= */ false);
        }
        return properties(message, headers, TRANSIENT, correlationId, replyTo, expiration);
    }

    private BasicProperties properties(
            Message message,
            Headers headers,
            int deliveryMode,
            @Nullable String correlationId,
            @Nullable String replyTo,
            @Nullable String expiration) {
        String contentType = message.contentType().orElse(null);
        if (contentType != null) {
            checkShort("content type", contentType);
        }
        return new BasicProperties(
                contentType,
                null,
                table(headers),
                deliveryMode == TRANSIENT ? null : (Integer) deliveryMode,
                null,
                correlationId,
                replyTo,
                expiration,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    @SuppressWarnings("ReferenceEquality") // on purpose: the same object needs no second look
    private @Nullable Map<String, Object> table(Headers headers) {
        Table known = lastTable;
        if (known.headers != headers) {
            known = new Table(headers, HeaderTable.write(headers));
            lastTable = known;
        }
        return known.table;
    }

    /** Never 0: the broker would drop the message unless somebody takes it at once. */
    private @Nullable String expiration(long timeToLiveNanos) {
        if (timeToLiveNanos <= 0) {
            return null;
        }
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeToLiveNanos + 999_999));
        Expiration expiration = last;
        if (expiration.millis != millis) {
            expiration = new Expiration(millis, Long.toString(millis));
            last = expiration;
        }
        return expiration.text;
    }

    /** A text that the protocol keeps in a short string. */
    static String checkShort(String what, String text) {
        int length = RoutingKeys.length(text);
        if (length > RoutingKeys.MAX_BYTES) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the " + what + " has " + length + " bytes; AMQP takes " + RoutingKeys.MAX_BYTES);
        }
        return text;
    }

    /** A message that was received. */
    static Message message(BasicProperties properties, byte[] body, boolean isReply) {
        Headers headers = HeaderTable.read(properties, isReply);
        String contentType = properties.getContentType();
        return contentType == null && headers.isEmpty() ? Message.wrap(body) : Message.wrap(body, headers, contentType);
    }
}
