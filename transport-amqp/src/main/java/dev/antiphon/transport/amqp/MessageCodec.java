package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.OutboundMessage;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Messages as native properties, and back. */
final class MessageCodec {

    static final int TRANSIENT = 1;
    static final int PERSISTENT = 2;

    private static final String DIRECT_REPLY = "amq.rabbitmq.reply-to.";

    /** The text for a time to live. Most requests of a program have the same. */
    private record Expiration(long millis, String text) {}

    /** The table for headers. The engine gives requests that have no headers of their own the same object again. */
    private record Table(
            Headers headers,
            @Nullable String budget,
            @Nullable Map<String, Object> table) {}

    /** The headers of a request that has none but its expiration. */
    private record Budget(String expiration, Headers headers) {}

    private static volatile Budget lastBudget = new Budget("0", Headers.EMPTY);

    private volatile Expiration last = new Expiration(1, "1");
    private volatile Table lastTable = new Table(Headers.EMPTY, null, null);

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

    /** A message to a reply address. A direct reply is not queued, so it can not expire. */
    BasicProperties answer(AmqpAddress to, OutboundMessage answer) {
        long timeToLive = isDirect(to) ? 0 : answer.timeToLiveNanos();
        return correlated(answer.message(), to.correlationId(), null, timeToLive);
    }

    /**
     * A message to a reply address that says where to send what is said in return: to {@code replyTo}, and correlated with {@code
     * messageId}, since its own correlation is taken.
     */
    BasicProperties answer(AmqpAddress to, OutboundMessage answer, String replyTo, String messageId) {
        return answer(to, answer)
                .builder()
                .replyTo(replyTo)
                .messageId(messageId)
                .build();
    }

    /** Whether it is the broker's stand-in for a queue. */
    static boolean isDirect(AmqpAddress to) {
        return to.replyTo().startsWith(DIRECT_REPLY);
    }

    /** Where the sender of a reply waits for what is said in return, or null. */
    static @Nullable AmqpAddress wayBack(BasicProperties reply) {
        String replyTo = reply.getReplyTo();
        return replyTo == null || replyTo.isEmpty() ? null : AmqpAddress.of(replyTo, reply.getMessageId());
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
                table(headers, replyTo == null ? null : expiration),
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

    /**
     * @param budget the time that a request has left, if it travels as its expiration: then the header for it is left out
     */
    @SuppressWarnings("ReferenceEquality") // on purpose: the same object needs no second look
    private @Nullable Map<String, Object> table(Headers headers, @Nullable String budget) {
        Table known = lastTable;
        if (known.headers != headers || !Objects.equals(known.budget, budget)) {
            boolean said = budget != null && headers.all(ControlHeaders.BUDGET).equals(List.of(budget));
            known = new Table(
                    headers, budget, HeaderTable.write(said ? headers.without(ControlHeaders.BUDGET) : headers));
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
        if (!isReply && properties.getReplyTo() != null && properties.getExpiration() != null) {
            headers = withBudget(headers, properties.getExpiration());
        }
        String contentType = properties.getContentType();
        return contentType == null && headers.isEmpty() ? Message.wrap(body) : Message.wrap(body, headers, contentType);
    }

    /** Says what a request's expiration means, also one of a client that knows nothing of budgets. 0 means to be taken at once. */
    private static Headers withBudget(Headers headers, String expiration) {
        if (expiration.equals("0") || headers.contains(ControlHeaders.BUDGET)) {
            return headers;
        }
        if (!headers.isEmpty()) {
            return headers.with(ControlHeaders.BUDGET, expiration);
        }
        Budget known = lastBudget;
        if (!known.expiration.equals(expiration)) {
            known = new Budget(expiration, Headers.received(ControlHeaders.BUDGET, expiration));
            lastBudget = known;
        }
        return known.headers;
    }
}
