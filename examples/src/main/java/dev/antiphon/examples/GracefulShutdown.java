package dev.antiphon.examples;

import dev.antiphon.DrainReport;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A service that answers everything it has received before SIGTERM or Ctrl-C ends it. */
public final class GracefulShutdown {

    private GracefulShutdown() {}

    /** Takes the URL of a broker; runs until it is told to stop. */
    public static void main(String[] args) throws InterruptedException {
        String url = args.length > 0 ? args[0] : "inmemory://graceful-shutdown";
        Messenger messenger = Messenger.connect(url);
        messenger.respond("work", request -> Message.of("done"), RespondOptions.queueGroup("workers"));
        // region drain
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            DrainReport report = messenger.drain(Duration.ofSeconds(10)).join();
            System.out.println(report.complete() ? "left nothing behind" : "abandoned " + report.abandoned());
        }));
        // endregion
        System.out.println("ready");
        new CountDownLatch(1).await();
    }
}
