package dev.antiphon.examples;

import dev.antiphon.GatherOptions;
import dev.antiphon.GatherResult;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** One question to all shops; one of them is broken and one is not there. */
public final class GatherReplies {

    private GatherReplies() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://gather-replies";
        try (Messenger north = named("north", url);
                Messenger south = named("south", url);
                Messenger west = named("west", url);
                Messenger messenger = Messenger.connect(url)) {
            north.respond("price", request -> Message.of("12"));
            south.respond("price", request -> Message.of("11"));
            west.respond("price", request -> {
                throw new IllegalStateException("the cash desk is broken");
            });

            // region gather
            GatherOptions options = GatherOptions.DEFAULTS
                    .withTimeout(Duration.ofSeconds(10))
                    .withExpected(Set.of("north", "south", "west", "east"))
                    .withMin(2) // from then on, wait no longer than this for one more
                    .withStallTimeout(Duration.ofMillis(500));
            GatherResult prices =
                    messenger.gather("price", Message.of("apple"), options).join();

            TreeSet<String> offers = new TreeSet<>();
            prices.replies()
                    .forEach(reply ->
                            offers.add(reply.responder() + " " + reply.message().text()));
            System.out.println(offers + ", enough: " + prices.sufficient());
            prices.errors().forEach(error -> System.out.println(error.responder() + " failed"));
            System.out.println(prices.end() + " without " + prices.missing());
            // endregion
        }
    }

    private static Messenger named(String name, String url) {
        return Messenger.builder().url(url).name(name).connect();
    }
}
