package dev.antiphon.cli;

import dev.antiphon.GatherOptions;
import dev.antiphon.GatherResult;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "gather",
        description = "Sends one request and prints the replies of all responders.",
        footer = {
            "",
            "Exit code: 0 when there are as many replies as --min says, 1 when there are fewer,",
            "4 when nobody serves the subject.",
            "",
            "Examples:",
            "  antiphon gather ping --url nats://localhost:4222",
            "  antiphon gather ping --min 3 --stall 100ms",
            "  antiphon gather ping --expect eu-1,eu-2 --timeout 1s"
        })
final class GatherCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private MessageArguments arguments;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "The time for all of it. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    @Option(
            names = "--stall",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "End when no more replies come for so long.")
    private @Nullable Duration stall;

    @Option(names = "--min", paramLabel = "N", defaultValue = "1", description = "How many replies are needed.")
    private int min;

    @Option(names = "--max", paramLabel = "N", defaultValue = "10000", description = "End with so many replies.")
    private int max;

    @Option(
            names = "--expect",
            paramLabel = "NAME",
            split = ",",
            description = "End when the responders of these names have answered.")
    private List<String> expected = List.of();

    @Override
    public Integer call() throws Exception {
        Message message = arguments.message(common.terminal().in());
        GatherOptions options = GatherOptions.DEFAULTS
                .withTimeout(timeout)
                .withMin(min)
                .withMax(max)
                .withExpected(Set.copyOf(expected));
        GatherOptions stalling = stall == null ? options : options.withStallTimeout(stall);
        try (Messenger messenger = common.builder(common.brokerUrl()).connect()) {
            GatherResult result =
                    messenger.gather(arguments.subject(), message, stalling).join();
            print(result);
            return result.sufficient()
                    ? Verdict.ANSWERED
                    : result.end() == GatherResult.End.NO_RESPONDERS ? Verdict.NO_RESPONDERS : Verdict.ERROR_REPLY;
        }
    }

    private void print(GatherResult result) {
        PrintStream out = common.terminal().out();
        PrintStream err = common.terminal().err();
        for (GatherResult.Reply reply : result.replies()) {
            if (common.json()) {
                Map<String, Object> map = Json.message("reply", reply.subject(), reply.message());
                map.put("responder", reply.responder());
                out.println(Json.line(map));
            } else {
                out.println(reply.message().text().stripTrailing());
            }
        }
        for (GatherResult.Failure failure : result.errors()) {
            err.println("antiphon: " + (failure.responder().isEmpty() ? "" : failure.responder() + ": ")
                    + failure.exception().getMessage());
        }
        if (common.json()) {
            out.println(Json.line(summary(result)));
        } else {
            err.println("antiphon: " + result.end() + ", "
                    + Format.count(result.replies().size()) + " replies, "
                    + Format.count(result.errors().size()) + " errors"
                    + (result.missing().isEmpty() ? "" : ", missing " + String.join(", ", result.missing())));
        }
    }

    private static Map<String, Object> summary(GatherResult result) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", "gathered");
        map.put("end", result.end().name());
        map.put("replies", result.replies().size());
        map.put("errors", result.errors().size());
        map.put("missing", result.missing());
        return map;
    }
}
