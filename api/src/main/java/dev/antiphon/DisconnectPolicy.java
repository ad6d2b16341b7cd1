package dev.antiphon;

/** What happens to a request in flight when the connection is lost, or is not there when the request is made. */
public enum DisconnectPolicy {
    /** It fails: CONNECTION_LOST if it was sent, NOT_CONNECTED if not. The default where reply addresses die with the connection. */
    FAIL,
    /**
     * It waits within its timeout: if it was not sent it is sent after the reconnect, if it was sent its reply may still
     * arrive. The default where reply addresses survive a reconnect.
     */
    WAIT,
    /** Like {@code WAIT}, and if it was sent it is sent once more after the reconnect. Only for idempotent requests. */
    RESEND
}
