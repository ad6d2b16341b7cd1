package dev.antiphon.spi;

import dev.antiphon.AntiphonException;

/**
 * Told the outcome of one attempt to send: exactly one call of one method, on any thread, perhaps before the sending
 * method returns. Never blocks, never throws. An interface instead of a future, because the engine's own objects
 * implement it and a send then allocates nothing.
 */
public interface SendCallback {

    /** The message is as safe as this broker can say; see {@link Capabilities.Capability#PUBLISH_CONFIRM}. */
    void onSent();

    /** The message was not sent, or may not have been: {@link AntiphonException#mayHaveExecuted()} tells which. */
    void onFailed(AntiphonException failure);
}
