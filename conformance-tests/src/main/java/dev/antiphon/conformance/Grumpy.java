package dev.antiphon.conformance;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.MessengerListener;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listener that throws whatever it is told, an exception or an error. Any thread. */
final class Grumpy implements MessengerListener {
    private final AtomicInteger states = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();

    @Override
    public void onConnectionState(ConnectionState state, @Nullable AntiphonException cause) {
        states.incrementAndGet();
        throw new IllegalStateException("a listener that throws");
    }

    @Override
    public void onError(AntiphonException error) {
        errors.incrementAndGet();
        throw new AssertionError("a listener that throws");
    }

    int states() {
        return states.get();
    }

    int errors() {
        return errors.get();
    }
}
