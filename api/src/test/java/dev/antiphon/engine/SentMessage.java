package dev.antiphon.engine;

import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SendCallback;

/** A message, or a reply, that the engine handed to {@link ScriptedTransport}. */
record SentMessage(OutboundMessage outbound, SendCallback callback) {

    void confirm() {
        callback.onSent();
    }
}
