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
    private final Runnable onClosing;
    private final Consumer<@Nullable AntiphonException> onClosed;
    private volatile ConnectionState state = ConnectionState.CONNECTING;
    /** How often it was connected. */
    private volatile int epoch;

    /**
     * @param onClosing called before anybody is told that the transport closes, by itself or because it was told to
     * @param onClosed called after that
     */
    Connection(Hooks hooks, Requester requester, Runnable onClosing, Consumer<@Nullable AntiphonException> onClosed) {
        this.hooks = hooks;
        this.requester = requester;
        this.onClosing = onClosing;
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

    /** The transport has started: whether or not it has said so yet, it is connected. */
    void started() {
        change(ConnectionState.CONNECTING, ConnectionState.CONNECTED, null);
    }

    /** Notes and reports a change, unless it is none, or the state is no longer {@code from}. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // guarded; volatile for those who only look
    private synchronized boolean change(
            @Nullable ConnectionState from, ConnectionState to, @Nullable AntiphonException cause) {
        if (state == to || (from != null && state != from)) {
            return false;
        }
        if (to == ConnectionState.CONNECTED) {
            epoch++;
        }
        state = to;
        hooks.connectionState(to, cause);
        return true;
    }

    @Override
    public void onState(ConnectionState newState, @Nullable AntiphonException cause) {
        if (newState == ConnectionState.CLOSED) {
            onClosing.run();
        }
        if (!change(null, newState, cause)) {
            return;
        }
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
