package dev.antiphon.cli;

import java.util.concurrent.CountDownLatch;

/** Does something when SIGINT or SIGTERM ends the process, and not when it ends by itself. */
final class OnSignal {

    private final Thread hook;

    OnSignal(Runnable action) {
        hook = new Thread(action, "on-signal");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** It is not to be done any more. If it is being done already, this waits for the end of the process. */
    void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            awaitEnd();
        }
    }

    private static void awaitEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
