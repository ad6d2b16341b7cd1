package dev.antiphon.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.CorrelationId;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes and reads the headers that Antiphon adds to messages. The only place in the engine that knows their names. */
final class ControlCodec {

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int MAX_MESSAGE_CHARS = 1000;
    /** 200 characters of up to four bytes each, percent-encoded. */
    private static final int MAX_KEY_CHARS = 2400;

    /** No budget header, or one that can not be read. */
    static final long NO_BUDGET = -1;

    /** The headers for one budget. Most requests of a program have the same timeout. */
    private record Budget(long millis, Headers headers) {}

    private volatile Budget lastBudget = budget(1000);

    /**
     * @throws AntiphonException INVALID_ARGUMENT if a user's message has a header that is ours
     */
    static Message checkUserHeaders(Message message) {
        if (!message.headers().isEmpty() && message.headers().containsPrefix(ControlHeaders.PREFIX)) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT,
                    "header names that begin with \"" + ControlHeaders.PREFIX + "\" are reserved");
        }
        return message;
    }

    /** Whether a request made like this needs nothing of its responder but a reply. */
    static boolean isPlain(RequestOptions options) {
        return !options.idempotent()
                && !options.cancellable()
                && options.acceptTimeout().isEmpty()
                && options.onProgress().isEmpty();
    }

    /** The request with what is left of its time. */
    Message withBudget(Message message, long nanosLeft) {
        long millis = Math.max(1, (nanosLeft + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
        Budget budget = lastBudget;
        if (budget.millis != millis) {
            budget = budget(millis);
            lastBudget = budget;
        }
        return message.withHeaders(
                message.headers().isEmpty()
                        ? budget.headers
                        : message.headers().with(ControlHeaders.BUDGET, Long.toString(millis)));
    }

    private static Budget budget(long millis) {
        return new Budget(millis, Headers.received(ControlHeaders.BUDGET, Long.toString(millis)));
    }

    /** What is left of a request's time, in nanoseconds, or {@link #NO_BUDGET}. */
    long budgetNanos(Headers headers) {
        if (headers.isEmpty()) {
            return NO_BUDGET;
        }
        String text = headers.first(ControlHeaders.BUDGET).orElse("");
        if (text.isEmpty() || text.length() > 12) {
            return NO_BUDGET;
        }
        long millis = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return NO_BUDGET;
            }
            millis = millis * 10 + (c - '0');
        }
        return millis * NANOS_PER_MILLI;
    }

    /** The message as users see it: without our headers. */
    static Message withoutControlHeaders(Message message) {
        Headers headers = message.headers();
        if (headers.isEmpty() || !headers.containsPrefix(ControlHeaders.PREFIX)) {
            return message;
        }
        if (headers.size() == 1) {
            return message.withHeaders(Headers.EMPTY);
        }
        List<String> kept = new ArrayList<>();
        String prefix = ControlHeaders.PREFIX;
        headers.forEach((name, value) -> {
            if (!name.regionMatches(true, 0, prefix, 0, prefix.length())) {
                kept.add(name);
                kept.add(value);
            }
        });
        return message.withHeaders(Headers.received(kept.toArray(new String[0])));
    }

    /** An error reply for what a handler threw, or for what the engine could not do for it. */
    static Message errorReply(Throwable failure) {
        if (failure instanceof RemoteException remote) {
            return errorReply(ErrorCode.REMOTE, remote.remoteCode(), remote.remoteMessage());
        }
        String code = failure instanceof AntiphonException ours ? ours.code().name() : ErrorCode.INTERNAL.name();
        String text = failure.getMessage();
        return errorReply(
                ErrorCode.REMOTE, code, text == null ? failure.getClass().getName() : text);
    }

    /** An error reply of the engine itself. */
    static Message errorReply(ErrorCode code, String text) {
        return errorReply(code, code.name(), text);
    }

    /** What a requester is told whose request will not be answered any more, although a handler has it. */
    static Message goingAway() {
        return new Frame(Frame.Kind.GOING_AWAY, 0, 0)
                .on(errorReply(ErrorCode.UNAVAILABLE, "the responder left before it had answered"));
    }

    private static Message errorReply(ErrorCode code, String remoteCode, String text) {
        String shortened = text.length() > MAX_MESSAGE_CHARS ? text.substring(0, MAX_MESSAGE_CHARS) + "..." : text;
        return Message.empty()
                .withHeaders(Headers.received(
                        ControlHeaders.ERROR, code.name(),
                        ControlHeaders.ERROR_CODE, percentEncode(remoteCode),
                        ControlHeaders.ERROR_MESSAGE, percentEncode(shortened)));
    }

    /** The failure that an error reply tells, or null if this is an ordinary reply. */
    static @Nullable AntiphonException error(Message reply) {
        Headers headers = reply.headers();
        if (headers.isEmpty() || !headers.contains(ControlHeaders.ERROR)) {
            return null;
        }
        String name = headers.first(ControlHeaders.ERROR).orElse("");
        String text = percentDecode(headers.first(ControlHeaders.ERROR_MESSAGE).orElse(""));
        return switch (name) {
            case "UNAVAILABLE" ->
                new AntiphonException(ErrorCode.UNAVAILABLE, text, null, Frame.isIn(reply), null, null);
            case "RESOURCE_EXHAUSTED" -> new AntiphonException(ErrorCode.RESOURCE_EXHAUSTED, text);
            case "TOO_LARGE" -> new AntiphonException(ErrorCode.TOO_LARGE, text, null, true, null, null);
            default ->
                new RemoteException(
                        percentDecode(headers.first(ControlHeaders.ERROR_CODE).orElse(name)), text);
        };
    }

    /** How one responder is told from others in a reply. */
    static String identity(String name, long number) {
        return percentEncode(name) + ';' + CorrelationId.toText(number);
    }

    /** What names the work of a request; empty if nothing does, or nothing that can be a key. */
    static String idempotencyKey(Headers headers) {
        String key = headers.first(ControlHeaders.IDEMPOTENCY_KEY).orElse("");
        return key.length() > MAX_KEY_CHARS ? "" : key;
    }

    static Message withIdempotencyKey(Message message, String key) {
        return message.withHeaders(message.headers().with(ControlHeaders.IDEMPOTENCY_KEY, percentEncode(key)));
    }

    /** Which responder sent a reply; empty if it does not say. */
    static String responder(Message reply) {
        return reply.headers().isEmpty()
                ? ""
                : reply.headers().first(ControlHeaders.RESPONDER).orElse("");
    }

    /** The name in what {@link #responder} gives. */
    static String nameOf(String identity) {
        int end = identity.indexOf(';');
        return percentDecode(end < 0 ? identity : identity.substring(0, end));
    }

    private static String percentEncode(String text) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(UTF_8)) {
            if (b <= ' ' || b > '~' || b == '%') {
                encoded.append('%')
                        .append(Character.forDigit((b >> 4) & 15, 16))
                        .append(Character.forDigit(b & 15, 16));
            } else {
                encoded.append((char) b);
            }
        }
        return encoded.toString();
    }

    /** Lenient: what is no escape stands for itself. */
    private static String percentDecode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        byte[] raw = text.getBytes(UTF_8);
        for (int i = 0; i < raw.length; i++) {
            int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(raw[i + 2], 16) : -1;
            if (raw[i] == '%' && low >= 0) {
                bytes.write(high << 4 | low);
                i += 2;
            } else {
                bytes.write(raw[i]);
            }
        }
        return bytes.toString(UTF_8);
    }
}
