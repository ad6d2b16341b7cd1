package dev.antiphon.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A thread for each task. The common pool would not do: with two processors it has one thread, and tasks that wait for each other
 * would wait for ever.
 */
final class Background {

    private Background() {}

    static CompletableFuture<Void> run(Runnable task) {
        return CompletableFuture.runAsync(task, Background::start);
    }

    static <T> CompletableFuture<T> supply(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, Background::start);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "test-background");
        thread.setDaemon(true);
        thread.start();
    }
}
