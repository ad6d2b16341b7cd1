package dev.antiphon.examples;

import dev.antiphon.Dedup;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.Retry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** An order that is sent until it is answered, and carried out once. */
public final class RetryAndDedup {

    private RetryAndDedup() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://retry-and-dedup";
        AtomicInteger orders = new AtomicInteger();
        try (Messenger shop = Messenger.connect(url);
                // region retry
                Messenger customer = Messenger.builder()
                        .url(url)
                        .requestInterceptor(Retry.attempts(3).withAttemptTimeout(Duration.ofMillis(500)))
                        .connect()) {
            // endregion
            // region dedup
            shop.respond(
                    "order",
                    request -> Message.of("order " + orders.incrementAndGet()),
                    RespondOptions.queueGroup("shop").withDedup(Dedup.DEFAULTS));

            RequestOptions once = RequestOptions.timeout(Duration.ofSeconds(5)).withIdempotencyKey("cart-4711");
            System.out.println(
                    customer.request("order", Message.of("apple"), once).join().text());
            System.out.println(
                    customer.request("order", Message.of("apple"), once).join().text());
            // endregion
        }
    }
}
