package dev.antiphon.cli;

import dev.antiphon.Delivery;
import dev.antiphon.Messenger;
import dev.antiphon.SubscribeOptions;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "subscribe",
        description = "Prints each message to a subject or pattern on one line: subject, space, body.",
        footer = {
            "",
            "Line ends within a body are printed as \\n. --json prints headers too, and bodies",
            "that are not text.",
            "",
            "Examples:",
            "  antiphon subscribe 'news.>' --url nats://localhost:4222",
            "  antiphon subscribe orders.created --queue audit --count 100 --json"
        })
final class SubscribeCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Parameters(paramLabel = "PATTERN", description = "A subject; * stands for one token, > at the end for the rest.")
    private String pattern;

    @Option(
            names = "--queue",
            paramLabel = "GROUP",
            description = "Join this queue group: each message goes to one member.")
    private @Nullable String queue;

    @Option(names = "--count", paramLabel = "N", description = "End after this many messages.")
    private long count = Long.MAX_VALUE;

    private final AtomicLong messages = new AtomicLong();

    @Override
    public Integer call() {
        if (count < 1) {
            throw common.bad("--count must be 1 or more");
        }
        SubscribeOptions options = queue == null ? SubscribeOptions.DEFAULTS : SubscribeOptions.queueGroup(queue);
        String url = common.brokerUrl();
        Serving serving = new Serving(common, Duration.ofSeconds(10));
        try (Messenger messenger = common.connect(url, serving)) {
            messenger.subscribe(pattern, delivery -> print(delivery, serving), options);
            serving.note("subscribed to " + pattern + " on " + CommonOptions.shown(url) + "; Ctrl-C ends");
            return serving.serve(messenger);
        }
    }

    private void print(Delivery delivery, Serving serving) {
        long number = messages.incrementAndGet();
        if (number > count) {
            return;
        }
        common.terminal()
                .out()
                .println(
                        common.json()
                                ? Json.line(Json.message("message", delivery.subject(), delivery.message()))
                                : delivery.subject() + " " + Format.oneLine(delivery.text()));
        if (number == count) {
            serving.enough();
        }
    }
}
