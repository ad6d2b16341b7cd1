package dev.antiphon.cli;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.StreamOptions;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "stream",
        description = "Sends one request and prints the items of the stream that answers it, one per line.",
        footer = {
            "",
            "The responder sends no faster than the items are printed. Ctrl-C stops it, too.",
            "If it dies, that is noticed within the time of --gap.",
            "",
            "Examples:",
            "  antiphon reply lines --stream --command 'seq 1000000' --url nats://localhost:4222",
            "  antiphon stream lines --url nats://localhost:4222 | head"
        })
final class StreamCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private MessageArguments arguments;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "1h",
            converter = DurationConverter.class,
            description = "The time for the whole stream. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    @Option(
            names = "--gap",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "Take the responder for dead after so much silence. Default: ${DEFAULT-VALUE}.")
    private Duration gap = Duration.ZERO;

    @Option(names = "--window", paramLabel = "N", defaultValue = "256", description = "How many items may wait.")
    private int window;

    @Option(names = "--count", paramLabel = "N", description = "Cancel after so many items.")
    private long count = Long.MAX_VALUE;

    @Override
    public Integer call() throws Exception {
        if (count < 1) {
            throw common.bad("--count must be 1 or more");
        }
        Message message = arguments.message(common.terminal().in());
        StreamOptions options =
                StreamOptions.DEFAULTS.withTimeout(timeout).withGapTimeout(gap).withWindow(window);
        try (Messenger messenger = common.builder(common.brokerUrl()).connect()) {
            return print(messenger, message, options);
        }
    }

    private int print(Messenger messenger, Message message, StreamOptions options) {
        Printer printer = new Printer();
        OnSignal signal = new OnSignal(() -> {
            printer.cancel();
            messenger.close(); // what tells the responder leaves first
        });
        try {
            messenger.stream(arguments.subject(), message, options).subscribe(printer);
            printer.end.join();
            return Verdict.ANSWERED;
        } finally {
            signal.forget();
        }
    }

    /** Prints the items, and asks for the next one then. */
    private final class Printer implements Flow.Subscriber<Message> {

        private final PrintStream out = common.terminal().out();
        private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        private volatile Flow.@Nullable Subscription subscription;
        private long printed;

        @Override
        public void onSubscribe(Flow.Subscription newSubscription) {
            subscription = newSubscription;
            newSubscription.request(1);
        }

        @Override
        public void onNext(Message item) {
            out.println(
                    common.json()
                            ? Json.line(Json.message("item", arguments.subject(), item))
                            : item.text().stripTrailing());
            Flow.Subscription from = subscription;
            if (from == null) {
                return;
            }
            if (++printed == count || out.checkError()) { // the latter when nobody reads any more: head(1)
                from.cancel();
                end.complete(null);
            } else {
                from.request(1);
            }
        }

        void cancel() {
            Flow.Subscription from = subscription;
            if (from != null) {
                from.cancel();
            }
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            end.complete(null);
        }
    }
}
