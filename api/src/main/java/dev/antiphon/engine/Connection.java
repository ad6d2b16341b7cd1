package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.TransportListener;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is known of the connection, and who has to know when it changes. */
final class Connection implements TransportListener {

    private final Hooks hooks;
    private final Requester requester;
    private final Consumer<@Nullable AntiphonException> onClosed;
    private volatile ConnectionState state = ConnectionState.CONNECTING;
    /** How often it was connected. Written by the transport's calls only, which come one at a time. */
    private volatile int epoch;

    /**
     * @param onClosed called when the transport closes, by itself or because it was told to
     */
    Connection(Hooks hooks, Requester requester, Consumer<@Nullable AntiphonException> onClosed) {
        this.hooks = hooks;
        this.requester = requester;
        this.onClosed = onClosed;
    }

    ConnectionState state() {
        return state;
    }

    /** The number of the present connection, or of the last one: 1 for the first. */
    int epoch() {
        return epoch;
    }

    boolean isConnected() {
        return state == ConnectionState.CONNECTED;
    }

    int reconnects() {
        return Math.max(0, epoch - 1);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time
    public void onState(ConnectionState newState, @Nullable AntiphonException cause) {
        if (state == newState) {
            return;
        }
        if (newState == ConnectionState.CONNECTED) {
            epoch++;
        }
        state = newState;
        hooks.connectionState(newState, cause);
        switch (newState) {
            case RECONNECTING -> requester.connectionLost(cause);
            case CONNECTED -> requester.connectionRestored();
            case CLOSED -> onClosed.accept(cause);
            default -> {
                // nothing is waiting for it
            }
        }
    }

    @Override
    public void onReplyChannelMoved(ReplyChannel channel) {
        requester.replyAddressLost();
    }

    @Override
    public void onSlowConsumer(String subject) {
        hooks.slowConsumer(subject);
    }

    @Override
    public void onError(AntiphonException error) {
        hooks.error(error);
    }
}
