package dev.antiphon.transport.inmemory;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.spi.TransportListener;
import org.jspecify.annotations.Nullable;

/** Calls the listener of a transport: one call at a time, and none after CLOSED. */
final class Events {

    private @Nullable TransportListener listener;

    synchronized void open(TransportListener newListener) {
        listener = newListener;
        newListener.onState(ConnectionState.CONNECTED, null);
    }

    synchronized void slowConsumer(String subject) {
        if (listener != null) {
            listener.onSlowConsumer(subject);
        }
    }

    synchronized void error(AntiphonException error) {
        if (listener != null) {
            listener.onError(error);
        }
    }

    synchronized void close() {
        TransportListener last = listener;
        listener = null;
        if (last != null) {
            last.onState(ConnectionState.CLOSED, null);
        }
    }
}
