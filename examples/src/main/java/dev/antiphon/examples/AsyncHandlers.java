package dev.antiphon.examples;

import dev.antiphon.Message;
import dev.antiphon.Messenger;

/** A handler that asks somebody else and answers when that answer is there; no thread waits meanwhile. */
public final class AsyncHandlers {

    private AsyncHandlers() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://async-handlers";
        try (Messenger messenger = Messenger.connect(url)) {
            messenger.respond("stock", request -> Message.of("7"));
            // region async
            messenger.respondAsync(
                    "offer",
                    request -> messenger
                            .request("stock", request.message()) // inherits what is left of the requester's deadline
                            .thenApply(stock -> Message.of(request.text() + ": " + stock.text() + " left")));
            // endregion
            System.out.println(
                    messenger.request("offer", Message.of("apple")).join().text());
        }
    }
}
