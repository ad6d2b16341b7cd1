package dev.antiphon.cli;

import dev.antiphon.Messenger;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "publish",
        description = "Publishes a message to everyone who subscribed.",
        footer = {
            "",
            "Examples:",
            "  antiphon publish news.sport 'two to one' --url nats://localhost:4222",
            "  antiphon publish orders.created - --header trace=7f < order.json"
        })
final class PublishCommand implements Callable<Integer> {

    private static final Duration LEAVE = Duration.ofSeconds(5);

    @Mixin
    private CommonOptions common;

    @Mixin
    private MessageArguments arguments;

    @Override
    public Integer call() throws Exception {
        String url = common.brokerUrl();
        var message = arguments.message(common.terminal().in());
        try (Messenger messenger = common.builder(url).connect()) {
            messenger.publish(arguments.subject(), message).join();
            messenger.drain(LEAVE).join();
        }
        if (common.json()) {
            common.terminal().out().println(Json.line(Map.of("type", "published", "subject", arguments.subject())));
        }
        return Verdict.ANSWERED;
    }
}
