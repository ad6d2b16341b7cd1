package dev.antiphon.engine;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.CorrelationId;
import org.jspecify.annotations.Nullable;

/**
 * What one message between a requester and a responder is, beside a request and its plain reply: the value of one header,
 * {@code kind;n=number;x=exchange}. The body, if the kind has one, is the message's own.
 *
 * <p>Reading never fails: what makes no sense is a frame of kind {@link Kind#UNKNOWN}.
 *
 * @param number what it counts, which depends on the kind; 0 if it counts nothing
 * @param exchange which handling of the request it is about; 0 if it does not say
 */
record Frame(Kind kind, long number, long exchange) {

    private static final int MAX_CHARS = 128;
    private static final int MAX_DIGITS = 18;
    private static final Kind[] KINDS = Kind.values();

    /** The kinds of frames. */
    enum Kind {
        /** A handler has the request, or still has it. */
        ACCEPTED("accepted"),
        /** What a handler has to say before it replies. */
        PROGRESS("progress"),
        /** An item of a stream; the number is its place, from 0. */
        ITEM("item"),
        /** The end of a stream; the number tells how many items it had. */
        END("end"),
        /** The end of a stream by an error, after this many items. */
        ERROR("error"),
        /** The requester has lost interest. */
        CANCEL("cancel"),
        /** The requester takes this many items of a stream, counted from its beginning. */
        CREDIT("credit"),
        /** The responder leaves and will not reply. */
        GOING_AWAY("going-away"),
        /** None of these: of a later version, or nonsense. */
        UNKNOWN("");

        final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    static final Frame UNREADABLE = new Frame(Kind.UNKNOWN, 0, 0);

    /** Whether a message is a frame. */
    static boolean isIn(Message message) {
        return !message.headers().isEmpty() && message.headers().contains(ControlHeaders.FRAME);
    }

    /** The frame that a message is, or null if it is none. */
    static @Nullable Frame of(Message message) {
        return isIn(message)
                ? parse(message.headers().first(ControlHeaders.FRAME).orElse(""))
                : null;
    }

    static Frame parse(String value) {
        if (value.length() > MAX_CHARS) {
            return UNREADABLE;
        }
        String[] parts = value.split(";", -1);
        Kind kind = kind(parts[0]);
        long number = 0;
        long exchange = 0;
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i];
            if (part.startsWith("n=")) {
                number = number(part, 2);
                if (number < 0) {
                    return UNREADABLE;
                }
            } else if (part.startsWith("x=")) {
                if (!CorrelationId.isText(part, 2)) {
                    return UNREADABLE;
                }
                exchange = CorrelationId.parse(part, 2);
            }
        }
        return new Frame(kind, number, exchange);
    }

    private static Kind kind(String text) {
        for (Kind kind : KINDS) {
            if (kind.text.equals(text)) {
                return kind;
            }
        }
        return Kind.UNKNOWN;
    }

    /** The number from {@code start} to the end, or -1. */
    static long number(String text, int start) {
        int digits = text.length() - start;
        if (digits < 1 || digits > MAX_DIGITS) {
            return -1;
        }
        long number = 0;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + (c - '0');
        }
        return number;
    }

    /** This frame with a body, and headers of the user's. */
    Message on(Message content) {
        Headers headers = content.headers();
        return content.withHeaders(
                headers.isEmpty()
                        ? Headers.received(ControlHeaders.FRAME, toString())
                        : headers.with(ControlHeaders.FRAME, toString()));
    }

    /** This frame without a body. */
    Message alone() {
        return on(Message.empty());
    }

    /** The header's value. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(40).append(kind.text);
        if (number != 0) {
            text.append(";n=").append(number);
        }
        if (exchange != 0) {
            text.append(";x=").append(CorrelationId.toText(exchange));
        }
        return text.toString();
    }
}
