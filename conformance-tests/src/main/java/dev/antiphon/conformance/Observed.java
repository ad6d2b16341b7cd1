package dev.antiphon.conformance;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.MessengerListener;
import dev.antiphon.SurplusReply;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A messenger's listener that keeps everything it hears. Any thread. */
final class Observed implements MessengerListener {
    /** A change of the connection's state, as it was told. */
    record Change(ConnectionState state, @Nullable AntiphonException cause) {}

    private final List<Change> changes = new CopyOnWriteArrayList<>();
    private final List<AntiphonException> errors = new CopyOnWriteArrayList<>();
    private final List<SurplusReply> surplusReplies = new CopyOnWriteArrayList<>();
    private final List<String> slowConsumers = new CopyOnWriteArrayList<>();

    @Override
    public void onConnectionState(ConnectionState state, @Nullable AntiphonException cause) {
        changes.add(new Change(state, cause));
    }

    @Override
    public void onSurplusReply(SurplusReply reply) {
        surplusReplies.add(reply);
    }

    @Override
    public void onError(AntiphonException error) {
        errors.add(error);
    }

    @Override
    public void onSlowConsumer(String subject) {
        slowConsumers.add(subject);
    }

    /** The changes so far, in order. */
    List<Change> changes() {
        return List.copyOf(changes);
    }

    /** The states so far, in order. */
    List<ConnectionState> states() {
        return changes.stream().map(Change::state).toList();
    }

    /** How often this state was reported. */
    int count(ConnectionState state) {
        return (int) states().stream().filter(state::equals).count();
    }

    List<AntiphonException> errors() {
        return List.copyOf(errors);
    }

    List<SurplusReply> surplusReplies() {
        return List.copyOf(surplusReplies);
    }

    List<String> slowConsumers() {
        return List.copyOf(slowConsumers);
    }
}
