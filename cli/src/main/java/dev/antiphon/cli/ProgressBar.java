package dev.antiphon.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/** Shows on stderr how far something is: a bar on a terminal, else a line now and then. */
final class ProgressBar {

    private static final int WIDTH = 30;
    private static final long REDRAW_MILLIS = 100;
    private static final long LINE_MILLIS = 2_000;

    private final Terminal terminal;
    private final DoubleSupplier fraction;
    private final Supplier<String> label;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });

    private ProgressBar(Terminal terminal, DoubleSupplier fraction, Supplier<String> label) {
        this.terminal = terminal;
        this.fraction = fraction;
        this.label = label;
    }

    /** Waits for {@code work} and shows how far it is meanwhile; fails as it does. */
    static void during(
            CompletableFuture<Void> work, Terminal terminal, DoubleSupplier fraction, Supplier<String> label) {
        ProgressBar bar = new ProgressBar(terminal, fraction, label);
        bar.start();
        try {
            work.join();
        } finally {
            bar.remove();
        }
    }

    private void start() {
        long period = terminal.interactive() ? REDRAW_MILLIS : LINE_MILLIS;
        var unused = timer.scheduleAtFixedRate(this::draw, period, period, TimeUnit.MILLISECONDS);
    }

    private synchronized void draw() {
        if (timer.isShutdown()) {
            return;
        }
        double done = Math.min(1, fraction.getAsDouble());
        if (terminal.interactive()) {
            terminal.err().print("\r" + bar(done) + " " + label.get() + "\033[K");
            terminal.err().flush();
        } else {
            terminal.err().println(Format.of("%3.0f %% %s", done * 100, label.get()));
        }
    }

    static String bar(double done) {
        int full = (int) (done * WIDTH);
        return Format.of("[%s%s] %3.0f %%", "#".repeat(full), " ".repeat(WIDTH - full), done * 100);
    }

    /** What is printed afterwards stands on its own line. */
    private synchronized void remove() {
        timer.shutdownNow();
        if (terminal.interactive()) {
            terminal.err().print("\r\033[K");
            terminal.err().flush();
        }
    }
}
