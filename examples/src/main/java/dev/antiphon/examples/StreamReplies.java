package dev.antiphon.examples;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;
import dev.antiphon.StreamHandler;
import dev.antiphon.StreamOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.IntStream;

/** A long answer, item by item, no faster than it is consumed. */
public final class StreamReplies {

    private StreamReplies() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://stream-replies";
        try (Messenger messenger = Messenger.connect(url)) {
            // region responder
            messenger.respondStream(
                    "count",
                    StreamHandler.ofStream(request -> IntStream.range(0, Integer.parseInt(request.text()))
                            .mapToObj(i -> Message.of("item " + i))),
                    RespondOptions.DEFAULTS);
            // endregion

            // region requester
            Adder adder = new Adder();
            messenger.stream("count", Message.of("100000"), StreamOptions.DEFAULTS.withWindow(64))
                    .subscribe(adder);
            System.out.println(adder.items.join() + " items");
            // endregion
        }
    }

    // region subscriber
    private static final class Adder implements Flow.Subscriber<Message> {
        private final CompletableFuture<Long> items = new CompletableFuture<>();
        private long count;

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE); // or one by one, from onNext
        }

        @Override
        public void onNext(Message item) {
            count++;
        }

        @Override
        public void onError(Throwable failure) { // also when an item was lost, or the responder died
            items.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            items.complete(count);
        }
    }
    // endregion
}
