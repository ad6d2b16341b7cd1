package dev.antiphon.conformance;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs what may hang: on a thread of its own, which is left behind when it does. */
final class Bounded {
    /** What may fail with anything. */
    @FunctionalInterface
    interface Task {
        void run() throws Throwable;
    }

    private Bounded() {}

    /** What went wrong, or empty. A task that does not end is interrupted, and told where it hung. */
    static Optional<Throwable> run(String name, Duration limit, Task task) throws InterruptedException {
        Attempt attempt = new Attempt(task);
        Thread thread = new Thread(attempt, "conformance-" + name);
        thread.setDaemon(true);
        thread.start();
        thread.join(Math.max(1, limit.toMillis()));
        if (!thread.isAlive()) {
            return Optional.ofNullable(attempt.failure);
        }
        String where = Arrays.stream(thread.getStackTrace())
                .limit(20)
                .map(frame -> "\n\tat " + frame)
                .collect(Collectors.joining());
        thread.interrupt();
        return Optional.of(new AssertionError(name + " did not end within " + limit + "; it was at" + where));
    }

    private static final class Attempt implements Runnable {
        private final Task task;
        private volatile @Nullable Throwable failure;

        Attempt(Task task) {
            this.task = task;
        }

        @Override
        public void run() {
            try {
                task.run();
            } catch (Throwable e) {
                failure = e;
            }
        }
    }
}
