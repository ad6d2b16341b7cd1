package dev.antiphon.examples;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import java.time.Duration;

/** Three ways to get no answer, and what the caller learns from each. */
public final class TimeoutsAndErrors {

    private TimeoutsAndErrors() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://timeouts-and-errors";
        try (Messenger messenger = Messenger.connect(url)) {
            messenger.respond("slow", request -> {
                request.noReply();
                return null;
            });
            messenger.respond("order", TimeoutsAndErrors::order);

            ask(messenger, "slow", "hurry");
            ask(messenger, "order", "unicorn");
            ask(messenger, "order", "apple");
            ask(messenger, "nobody", "hello?");
        }
    }

    // region responder
    private static Message order(Request request) {
        if (request.text().equals("unicorn")) {
            throw new RemoteException("OUT_OF_STOCK", "no unicorn is left");
        }
        return Message.of("one " + request.text() + " is on its way");
    }
    // endregion

    // region requester
    private static void ask(Messenger messenger, String subject, String body) {
        RequestOptions options = RequestOptions.timeout(Duration.ofMillis(300));
        try {
            Message reply =
                    messenger.request(subject, Message.of(body), options).join();
            System.out.println(reply.text());
        } catch (RemoteException e) {
            System.out.println("refused: " + e.remoteCode() + ", " + e.remoteMessage());
        } catch (AntiphonException e) {
            boolean safeToRepeat = e.retryable() && !e.mayHaveExecuted();
            System.out.println(e.code() + ", safe to repeat: " + safeToRepeat);
        }
    }
    // endregion
}
