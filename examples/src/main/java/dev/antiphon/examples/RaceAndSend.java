package dev.antiphon.examples;

import dev.antiphon.Hedging;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RaceOptions;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.SendOptions;
import dev.antiphon.SendOptions.Confirmation;
import java.time.Duration;
import java.util.List;

/** The same question twice, against slow members; and a message that needs no answer. */
public final class RaceAndSend {

    private RaceAndSend() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://race-and-send";
        try (Messenger messenger = Messenger.connect(url)) {
            messenger.respond("quote.sleepy", request -> {
                request.noReply();
                return null;
            });
            messenger.respond("quote.quick", request -> Message.of("42"));
            messenger.respond("log", request -> null, RespondOptions.queueGroup("writers"));

            // region race
            Message first = messenger
                    .race(List.of("quote.sleepy", "quote.quick"), Message.of("apple"), RaceOptions.DEFAULTS)
                    .join(); // whoever answers first; the others are cancelled
            System.out.println("first: " + first.text());

            RaceOptions hedged = RaceOptions.DEFAULTS // a second copy if 95 % would have answered by now
                    .withHedging(Hedging.atPercentile(0.95).withBudget(10));
            Message quick = messenger
                    .race(List.of("quote.quick", "quote.quick"), Message.of("pear"), hedged)
                    .join();
            System.out.println("hedged: " + quick.text());
            // endregion

            // region send
            SendOptions accepted = SendOptions.DEFAULTS
                    .withConfirmation(Confirmation.ACCEPTED) // or ROUTED, or DONE
                    .withRequest(RequestOptions.timeout(Duration.ofSeconds(5)));
            messenger.send("log", Message.of("sold an apple"), accepted).join();
            System.out.println("a writer has it");
            // endregion
        }
    }
}
