package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Between a {@link StreamCall} and its subscriber: what has arrived and was not asked for yet, and one thread at a time
 * that hands over. What is here is bounded by the credit the responder has.
 *
 * <p>Whoever changes something calls {@link #drain}. If nobody is draining, that starts it on the completion executor; if
 * somebody is, he sees the change before he leaves.
 */
final class StreamSink implements Flow.Subscription, Runnable {

    private final Requester requester;
    private final ConcurrentLinkedQueue<Message> items = new ConcurrentLinkedQueue<>();
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger work = new AtomicInteger();
    private volatile @Nullable StreamCall call;
    private volatile boolean cancelled;
    private volatile @Nullable Throwable badDemand;
    private volatile boolean ended;
    private volatile @Nullable AntiphonException failure;

    // -- Of the draining thread only --

    private Flow.@Nullable Subscriber<? super Message> subscriber;
    private long consumed;

    StreamSink(Requester requester, Flow.Subscriber<? super Message> subscriber) {
        this.requester = requester;
        this.subscriber = subscriber;
        work.set(1); // nothing is handed over before opened()
    }

    /** The subscriber has its subscription: what has come meanwhile may be handed over. */
    void opened() {
        requester.complete(this);
    }

    // -- From the call --

    void registered(StreamCall newCall) {
        call = newCall;
        if (cancelled) {
            newCall.cancel();
        }
    }

    void add(Message item) {
        items.add(item);
    }

    /** Nothing more will come. */
    void end(@Nullable AntiphonException why) {
        failure = why;
        ended = true;
        drain();
    }

    /** There is no call: an interceptor gave the only item, or failed. */
    void endWith(@Nullable Message only, @Nullable AntiphonException why) {
        if (only != null) {
            add(only);
        }
        end(why);
    }

    // -- From the subscriber --

    @Override
    public void request(long more) {
        if (more <= 0) {
            badDemand = new IllegalArgumentException("a subscriber must ask for more than 0 items, not " + more);
        } else {
            demand.accumulateAndGet(more, (before, n) -> before + n < 0 ? Long.MAX_VALUE : before + n);
        }
        drain();
    }

    @Override
    public void cancel() {
        cancelled = true;
        StreamCall of = call;
        if (of != null) {
            of.cancel();
        }
        drain();
    }

    // -- Handing over --

    void drain() {
        if (work.getAndIncrement() == 0) {
            requester.complete(this);
        }
    }

    @Override
    public void run() {
        int seen = work.get();
        do {
            handOver();
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    private void handOver() {
        Flow.Subscriber<? super Message> to = subscriber;
        if (to == null) {
            items.clear();
            return;
        }
        if (cancelled) {
            subscriber = null;
            items.clear();
            return;
        }
        if (badDemand != null) {
            finish(to, badDemand);
            cancel();
            return;
        }
        Message item;
        boolean over = ended; // read before the queue: what was added before the end is seen
        while (!cancelled && demand.get() > 0 && (item = items.poll()) != null) {
            if (demand.get() != Long.MAX_VALUE) {
                demand.decrementAndGet();
            }
            next(to, item);
        }
        if (over && !cancelled && items.isEmpty()) {
            finish(to, failure);
        }
    }

    private void next(Flow.Subscriber<? super Message> to, Message item) {
        try {
            to.onNext(item);
        } catch (Throwable broken) { // against the rules: it can not be served any longer
            cancel();
            return;
        }
        consumed++;
        StreamCall of = call;
        if (of != null) {
            of.consumed(consumed);
        }
    }

    private void finish(Flow.Subscriber<? super Message> to, @Nullable Throwable why) {
        subscriber = null;
        items.clear();
        try {
            if (why == null) {
                to.onComplete();
            } else {
                to.onError(why);
            }
        } catch (Throwable broken) {
            cancelled = true; // against the rules, and nobody is left to tell
        }
    }
}
