package dev.antiphon;

import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** From what programs have to what a stream of replies needs. */
final class StreamAdapters {

    private StreamAdapters() {}

    static void emit(Iterator<Message> items, StreamEmitter emitter) throws InterruptedException {
        while (items.hasNext()) {
            Message item = items.next();
            while (!emitter.trySend(item)) {
                if (!emitter.awaitCredit()) {
                    return;
                }
            }
        }
        emitter.complete();
    }

    /** Asks a publisher for as many items as there is credit for. */
    static final class Relay implements Flow.Subscriber<Message> {

        private final StreamEmitter emitter;
        private Flow.@Nullable Subscription subscription;
        private long asked;

        Relay(StreamEmitter emitter) {
            this.emitter = emitter;
        }

        @Override
        public void onSubscribe(Flow.Subscription newSubscription) {
            synchronized (this) {
                if (subscription == null) {
                    subscription = newSubscription;
                } else {
                    newSubscription.cancel();
                    return;
                }
            }
            emitter.onCancel(newSubscription::cancel);
            emitter.onCredit(this::ask);
            ask();
        }

        private void ask() {
            Flow.Subscription from;
            long more;
            synchronized (this) {
                from = subscription;
                more = emitter.credit() - asked;
                asked += Math.max(0, more);
            }
            if (from != null && more > 0) {
                from.request(more);
            }
        }

        @Override
        public void onNext(Message item) {
            Objects.requireNonNull(item, "item");
            synchronized (this) {
                asked--;
                if (emitter.trySend(item) || emitter.isCancelled()) {
                    return;
                }
            }
            emitter.fail(new IllegalStateException("the publisher published more than it was asked for"));
        }

        @Override
        public void onError(Throwable failure) {
            emitter.fail(failure);
        }

        @Override
        public void onComplete() {
            emitter.complete();
        }
    }
}
