package dev.antiphon.spi;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import org.jspecify.annotations.Nullable;

/**
 * Hears what nobody called for. Calls come one at a time, in the order things happened, on any thread of the transport;
 * they never block and never throw.
 */
public interface TransportListener {

    /**
     * The connection changed its state. CONNECTED after RECONNECTING means that subscriptions and reply channels are in
     * place again. CLOSED is the last call of all; it comes by itself when the transport gives up.
     */
    void onState(ConnectionState state, @Nullable AntiphonException cause);

    /** A reply channel got a new address: replies to requests sent before will not arrive. */
    void onReplyChannelMoved(ReplyChannel channel);

    /** The broker, or the native client, dropped messages of a subscription because it was too slow. */
    void onSlowConsumer(String subject);

    /** An error that concerns no single call: a refused permission, a message that can not be read. */
    void onError(AntiphonException error);
}
