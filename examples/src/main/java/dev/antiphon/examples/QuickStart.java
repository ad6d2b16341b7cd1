package dev.antiphon.examples;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.Messenger;

/** A question and its answer, two at once, and a question that nobody can answer. */
public final class QuickStart {

    private QuickStart() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://quick-start";
        // region readme
        try (Messenger messenger = Messenger.connect(url)) { // nats://localhost:4222, inmemory://shop
            messenger.respond("price.*", request -> Message.of(request.subject() + " is 42"));

            Message reply = messenger.request("price.apple", Message.empty()).join();
            System.out.println(reply.text()); // price.apple is 42

            Call pear = messenger.request("price.pear", Message.empty()); // both are in flight
            Call plum = messenger.request("price.plum", Message.empty());
            System.out.println(pear.join().text() + ", " + plum.join().text());

            messenger.request("weather.today", Message.empty()).join(); // nobody serves it
        } catch (AntiphonException e) {
            System.out.println(e.code() + ", retryable: " + e.retryable()); // NO_RESPONDERS, at once
        }
        // endregion
    }
}
