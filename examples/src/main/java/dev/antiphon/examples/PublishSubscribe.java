package dev.antiphon.examples;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One message to everyone who subscribed, in the order it was published. */
public final class PublishSubscribe {

    private PublishSubscribe() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) throws InterruptedException {
        String url = args.length > 0 ? args[0] : "inmemory://publish-subscribe";
        CountDownLatch read = new CountDownLatch(2);
        try (Messenger reader = Messenger.connect(url);
                Messenger writer = Messenger.connect(url)) {
            // region publish
            reader.subscribe("news.>", delivery -> {
                System.out.println(delivery.subject() + ": " + delivery.text());
                read.countDown();
            });
            writer.publish("news.sport.football", Message.of("two to one")).join();
            writer.publish("news.weather", Message.of("sunny")).join();
            // endregion
            if (!read.await(5, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a message did not arrive");
            }
        }
    }
}
