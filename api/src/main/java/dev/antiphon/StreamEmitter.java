package dev.antiphon;

/**
 * Where a {@link StreamHandler} puts the items of its stream. Thread-safe; items go out in the order of the calls.
 *
 * <p>The requester says how many items it takes: its credit. Beyond that nothing is sent, so nothing piles up on the way.
 * The stream ends with {@link #complete} or {@link #fail}, or because the requester has lost interest.
 */
public interface StreamEmitter {

    /**
     * Sends an item if there is credit for it. Never blocks.
     *
     * @return whether it was sent; false without credit, and when the stream is over or cancelled
     * @throws AntiphonException INVALID_ARGUMENT for a header that is the library's own
     */
    boolean trySend(Message item);

    /**
     * Waits until there is credit for one more item.
     *
     * @return false when the stream is over or cancelled, so that there will never be any
     * @throws InterruptedException when the thread is interrupted
     */
    boolean awaitCredit() throws InterruptedException;

    /** For how many more items there is credit now. */
    long credit();

    /** Runs an action whenever credit has come; one run at a time, on a thread of the library that may block. */
    void onCredit(Runnable action);

    /** Whether the requester has lost interest, or was not heard of for too long. */
    boolean isCancelled();

    /** Runs an action when the stream is cancelled; at once if it is. */
    void onCancel(Runnable action);

    /** Ends the stream. Later calls do nothing. */
    void complete();

    /** Ends the stream with an error, told to the requester as for {@link RequestHandler}. Later calls do nothing. */
    void fail(Throwable failure);
}
