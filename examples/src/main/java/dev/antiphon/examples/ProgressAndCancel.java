package dev.antiphon.examples;

import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A long job: is anybody at it, how far is it, and stop. */
public final class ProgressAndCancel {

    private ProgressAndCancel() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) throws Exception {
        String url = args.length > 0 ? args[0] : "inmemory://progress-and-cancel";
        CountDownLatch half = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        try (Messenger messenger = Messenger.connect(url)) {
            // region handler
            messenger.respond(
                    "film.convert",
                    request -> {
                        request.onCancel(stopped::countDown); // also: isCancelled(), and an interruption as below
                        request.progress(Message.of("50 %"));
                        stopped.await();
                        return null; // nobody waits for it any more
                    },
                    RespondOptions.DEFAULTS.withInterruptOnCancel(true));
            // endregion

            // region requester
            RequestOptions options = RequestOptions.timeout(Duration.ofHours(1))
                    .withAcceptTimeout(Duration.ofSeconds(2)) // until a handler has begun
                    .withOnProgress(progress -> {
                        System.out.println("progress: " + progress.text());
                        half.countDown();
                    });
            Call call = messenger.request("film.convert", Message.of("holiday.mov"), options);
            half.await();
            call.cancel(); // reaches the handler
            // endregion
            stopped.await();
            System.out.println("stopped");
        }
    }
}
