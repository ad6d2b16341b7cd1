package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A subscriber of a stream that keeps what it gets, and asks for as much as the rule says. Any thread. */
final class Items implements Flow.Subscriber<Message> {
    private final Timing timing;
    private final long first;
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private volatile Flow.@Nullable Subscription subscription;
    private volatile boolean completed;
    private volatile @Nullable Throwable failure;

    private Items(Timing timing, long first) {
        this.timing = timing;
        this.first = first;
    }

    /** Asks for so many items at once, and for no more unless told. */
    static Items asking(long first, Timing timing) {
        return new Items(timing, first);
    }

    static Items all(Timing timing) {
        return asking(Long.MAX_VALUE, timing);
    }

    /** Subscribes to it. */
    Items of(Flow.Publisher<Message> stream) {
        stream.subscribe(this);
        return this;
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
        texts.add(item.text());
    }

    @Override
    public void onError(Throwable why) {
        failure = why;
    }

    @Override
    public void onComplete() {
        completed = true;
    }

    void ask(long more) {
        subscription().request(more);
    }

    void cancel() {
        subscription().cancel();
    }

    private Flow.Subscription subscription() {
        Flow.Subscription present = subscription;
        if (present == null) {
            throw new AssertionError("onSubscribe was not called");
        }
        return present;
    }

    List<String> texts() {
        return List.copyOf(texts);
    }

    boolean isOver() {
        return completed || failure != null;
    }

    /** Waits until so many have come. */
    Items await(int count) {
        until(() -> assertThat(texts.size()).isGreaterThanOrEqualTo(count));
        return this;
    }

    /** Waits for the end without an error. */
    List<String> awaitAll() {
        until(() -> assertThat(isOver()).isTrue());
        assertThat(failure).as("the stream's failure").isNull();
        return texts();
    }

    /** Waits for the end with an error. */
    AntiphonException awaitFailure() {
        until(() -> assertThat(isOver()).isTrue());
        if (failure instanceof AntiphonException ours) {
            return ours;
        }
        throw new AssertionError("it must fail, but: " + (completed ? "it completed" : failure), failure);
    }

    private void until(org.awaitility.core.ThrowingRunnable assertion) {
        Awaitility.await("the stream")
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(timing.signal())
                .untilAsserted(assertion);
    }
}
