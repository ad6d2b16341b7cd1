package dev.antiphon.examples;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import java.time.Duration;

/** The same program over any broker: the URL decides, here or in the configuration. */
public final class SwapTransport {

    private SwapTransport() {}

    /** Takes the URL of a broker, or none to use the configured one. */
    public static void main(String[] args) {
        try (Messenger messenger = args.length > 0
                ? Messenger.connect(args[0]) // nats://..., inmemory://...
                : Messenger.connect()) { // antiphon.url, ANTIPHON_URL, antiphon.properties
            messenger.respond("where.am.i", request -> Message.of("somewhere"));
            Message reply = messenger.request("where.am.i", Message.empty()).join();
            System.out.println(reply.text() + ", " + messenger.state());
            System.out.println(
                    "drained: " + messenger.drain(Duration.ofSeconds(5)).join().complete());
        }
    }
}
