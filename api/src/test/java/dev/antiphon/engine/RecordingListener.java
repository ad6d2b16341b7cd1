package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.MessengerListener;
import dev.antiphon.SurplusReply;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Remembers what it heard. */
final class RecordingListener implements MessengerListener {

    final List<ConnectionState> states = new CopyOnWriteArrayList<>();
    final List<SurplusReply> surplus = new CopyOnWriteArrayList<>();
    final List<AntiphonException> errors = new CopyOnWriteArrayList<>();
    final List<String> slow = new CopyOnWriteArrayList<>();

    @Override
    public void onConnectionState(ConnectionState state, @Nullable AntiphonException cause) {
        states.add(state);
    }

    @Override
    public void onSurplusReply(SurplusReply reply) {
        surplus.add(reply);
    }

    @Override
    public void onError(AntiphonException error) {
        errors.add(error);
    }

    @Override
    public void onSlowConsumer(String subject) {
        slow.add(subject);
    }
}
