package dev.antiphon.engine;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What a requester understands and wants beside the plain reply: the value of one header of its request, {@code
 * 1;accepted;progress;...}, where 1 is the version of the protocol. A request without it gets a reply and nothing else.
 *
 * @param accepted a notice when a handler begins, with the way back to the responder
 * @param progress what the handler has to say meanwhile
 * @param responder the name of the responder, on its reply
 * @param bodiless that it is done, but not the body of the reply
 * @param noReply nothing once the request is accepted
 * @param stream how the items of a stream flow, or null for a single reply
 */
record Wants(
        boolean accepted,
        boolean progress,
        boolean responder,
        boolean bodiless,
        boolean noReply,
        @Nullable Flow stream) {

    /**
     * How the items of a stream flow.
     *
     * @param credit how many the requester takes at first
     * @param gapMillis who hears nothing of the other side for so long may take it for dead
     */
    record Flow(long credit, long gapMillis) {}

    static final Wants NOTHING = new Wants(false, false, false, false, false, null);

    private static final int VERSION = 1;
    private static final int MAX_CHARS = 256;
    private static final long MAX_CREDIT = 1 << 20;
    private static final long MIN_GAP_MILLIS = 50;
    private static final long MAX_GAP_MILLIS = 3_600_000;

    static Wants acceptance() {
        return new Wants(true, false, false, false, false, null);
    }

    Wants withAcceptance() {
        return new Wants(true, progress, responder, bodiless, noReply, stream);
    }

    Wants withResponder() {
        return new Wants(accepted, progress, true, bodiless, noReply, stream);
    }

    Wants withoutBody() {
        return new Wants(accepted, progress, responder, true, noReply, stream);
    }

    Wants withoutReply() {
        return new Wants(accepted, progress, responder, bodiless, true, stream);
    }

    Wants withStream(Flow flow) {
        return new Wants(true, progress, responder, bodiless, noReply, flow);
    }

    Wants withProgress() {
        return new Wants(true, true, responder, bodiless, noReply, stream);
    }

    /** What a request wants, or null if it does not say, or not so that it can be read. */
    static @Nullable Wants of(Headers headers) {
        String value = headers.first(ControlHeaders.WANTS).orElse("");
        return value.isEmpty() || value.length() > MAX_CHARS ? null : parse(value.split(";", -1));
    }

    private static @Nullable Wants parse(String[] parts) {
        if (Frame.number(parts[0], 0) < VERSION) {
            return null;
        }
        boolean accepted = false;
        boolean progress = false;
        boolean responder = false;
        boolean bodiless = false;
        boolean noReply = false;
        boolean stream = false;
        long credit = 1;
        long gap = MAX_GAP_MILLIS;
        for (String part : parts) {
            switch (part) {
                case "accepted" -> accepted = true;
                case "progress" -> progress = true;
                case "responder" -> responder = true;
                case "bodiless" -> bodiless = true;
                case "no-reply" -> noReply = true;
                case "stream" -> stream = true;
                default -> {
                    credit = part.startsWith("credit=") ? Frame.number(part, 7) : credit;
                    gap = part.startsWith("gap=") ? Frame.number(part, 4) : gap;
                }
            }
        }
        if (credit < 0 || gap < 0) {
            return null;
        }
        Flow flow = new Flow(Math.min(credit, MAX_CREDIT), Math.max(MIN_GAP_MILLIS, Math.min(gap, MAX_GAP_MILLIS)));
        return new Wants(accepted || stream, progress, responder, bodiless, noReply, stream ? flow : null);
    }

    /** The request, saying so. */
    Message on(Message request) {
        if (equals(NOTHING)) {
            return request;
        }
        return request.withHeaders(request.headers().with(ControlHeaders.WANTS, toString()));
    }

    /** The header's value. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(64).append(VERSION);
        text.append(accepted ? ";accepted" : "");
        text.append(progress ? ";progress" : "");
        text.append(responder ? ";responder" : "");
        text.append(bodiless ? ";bodiless" : "");
        text.append(noReply ? ";no-reply" : "");
        if (stream != null) {
            text.append(";stream;credit=").append(stream.credit);
            text.append(";gap=").append(stream.gapMillis);
        }
        return text.toString();
    }
}
