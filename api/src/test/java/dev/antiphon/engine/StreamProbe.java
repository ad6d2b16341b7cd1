package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A subscriber that keeps its signals, and asks for items when the test does. */
final class StreamProbe implements Flow.Subscriber<Message> {

    final List<String> items = new CopyOnWriteArrayList<>();

    /** All signals in order: items by their text, {@code done}, {@code failed}. */
    final List<String> signals = new CopyOnWriteArrayList<>();

    /** What it does with an item. */
    Consumer<Message> onItem = item -> {};

    private final long first;
    private volatile Flow.@Nullable Subscription subscription;
    private volatile @Nullable Throwable failure;

    /** Asks for so many when it is subscribed. */
    StreamProbe(long first) {
        this.first = first;
    }

    static StreamProbe greedy() {
        return new StreamProbe(Long.MAX_VALUE);
    }

    void ask(long more) {
        Objects.requireNonNull(subscription).request(more);
    }

    void cancel() {
        Objects.requireNonNull(subscription).cancel();
    }

    Throwable failure() {
        return Objects.requireNonNull(failure, "it has not failed");
    }

    AntiphonException ourFailure() {
        return (AntiphonException) failure();
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
        subscription = newSubscription;
        if (first > 0) {
            newSubscription.request(first);
        }
    }

    @Override
    public void onNext(Message item) {
        items.add(item.text());
        signals.add(item.text());
        onItem.accept(item);
    }

    @Override
    public void onError(Throwable why) {
        failure = why;
        signals.add("failed");
    }

    @Override
    public void onComplete() {
        signals.add("done");
    }
}
