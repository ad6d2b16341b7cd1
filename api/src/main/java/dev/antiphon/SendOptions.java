package dev.antiphon;

import java.util.Objects;

/** How a message is sent, and what is confirmed. Immutable; begin with {@link #DEFAULTS}. */
public final class SendOptions {

    /** Until it is done, made with {@link RequestOptions#DEFAULTS}. */
    public static final SendOptions DEFAULTS = new SendOptions(Confirmation.DONE, RequestOptions.DEFAULTS);

    /** What has happened to a message when its call ends. */
    public enum Confirmation {
        /** The broker has it, and somebody serves its subject. Needs a transport that can tell ({@code NO_RESPONDERS}). */
        ROUTED,
        /** A handler has begun with it, or has said {@link Request#accept}. */
        ACCEPTED,
        /** A handler has finished with it. */
        DONE
    }

    private final Confirmation confirmation;
    private final RequestOptions request;

    private SendOptions(Confirmation confirmation, RequestOptions request) {
        this.confirmation = confirmation;
        this.request = request;
    }

    /** What the call waits for. */
    public SendOptions withConfirmation(Confirmation newConfirmation) {
        return new SendOptions(Objects.requireNonNull(newConfirmation), request);
    }

    /** How the request is made that carries the message. */
    public SendOptions withRequest(RequestOptions newRequest) {
        return new SendOptions(confirmation, Objects.requireNonNull(newRequest));
    }

    /** What the call waits for. */
    public Confirmation confirmation() {
        return confirmation;
    }

    /** How the request is made that carries the message. */
    public RequestOptions request() {
        return request;
    }
}
