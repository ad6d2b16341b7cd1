package dev.antiphon.cli;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerOptions;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "bench",
        description = "Measures throughput and latency of requests, in memory or over a broker.",
        footer = {
            "",
            "Each request in flight is sent when the one before it was answered.",
            "Exit code: that of the worst outcome.",
            "",
            "Examples:",
            "  antiphon bench",
            "  antiphon bench --url nats://localhost:4222 --in-flight 1024 --duration 10s",
            "  antiphon bench --external --subject greet --json"
        })
final class BenchCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Option(names = "--subject", paramLabel = "SUBJECT", description = "Where to. Default: a subject of its own.")
    private @Nullable String subject;

    @Option(names = "--external", description = "Ask responders that are running already; needs --subject.")
    private boolean external;

    @Option(
            names = "--responders",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many responders to run here.")
    private int responders;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "128",
            description = "Size of bodies. Default: ${DEFAULT-VALUE}.")
    private int size;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "64",
            description = "How many requests wait for their reply at once. Default: ${DEFAULT-VALUE}.")
    private int inFlight;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = DurationConverter.class,
            description = "How long to measure. Default: ${DEFAULT-VALUE}.")
    private Duration duration = Duration.ZERO;

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "How long to run before. Default: ${DEFAULT-VALUE}.")
    private Duration warmup = Duration.ZERO;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "The timeout of each request. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    @Override
    public Integer call() {
        check();
        String url = external ? common.brokerUrl() : common.urlOr("inmemory://bench");
        String target = subject == null
                ? "antiphon.bench."
                        + Long.toHexString(ThreadLocalRandom.current().nextLong())
                : subject;
        Deque<Messenger> opened = new ArrayDeque<>();
        try {
            if (!external) {
                openResponders(url, target, opened);
            }
            Messenger messenger = common.builder(url)
                    .maxInFlight(Math.max(inFlight, MessengerOptions.DEFAULT_MAX_IN_FLIGHT))
                    .connect();
            opened.push(messenger);
            return measure(messenger, url, target);
        } finally {
            opened.forEach(Messenger::close);
        }
    }

    private void check() {
        if (external && subject == null) {
            throw common.bad("--external needs --subject: which responders to ask");
        }
        if (size < 0 || inFlight < 1 || responders < 1) {
            throw common.bad("--in-flight and --responders must be 1 or more, --size 0 or more");
        }
    }

    private void openResponders(String url, String target, Deque<Messenger> opened) {
        for (int i = 0; i < responders; i++) {
            Messenger responder = common.builder(url).connect();
            opened.push(responder);
            responder.respond(target, request -> request.message(), RespondOptions.queueGroup("bench"));
        }
    }

    private int measure(Messenger messenger, String url, String target) {
        Message body = Message.wrap(new byte[size]);
        RequestOptions options = RequestOptions.timeout(timeout);
        messenger.request(target, body, options).join();
        String title = Format.of("%d-byte bodies, %,d in flight on %s", size, inFlight, CommonOptions.shown(url));
        common.terminal().err().println(title);
        run(messenger, target, body, options, "warm-up", warmup);
        Tally tally = run(messenger, target, body, options, "measuring", duration);
        print(tally);
        return tally.exitCode();
    }

    private Tally run(
            Messenger messenger, String target, Message body, RequestOptions options, String what, Duration time) {
        Tally tally = new Tally();
        long start = System.nanoTime();
        long nanos = time.toNanos();
        Load load = new Load(messenger, target, body, options, tally);
        ProgressBar.during(
                load.start(inFlight, () -> System.nanoTime() - start < nanos),
                common.terminal(),
                () -> (double) (System.nanoTime() - start) / nanos,
                () -> what + ", " + Format.count(tally.answered()) + " answered, " + tally.failed() + " failed");
        return tally.finish();
    }

    private void print(Tally tally) {
        PrintStream out = common.terminal().out();
        if (common.json()) {
            Map<String, Object> map = tally.toMap("bench");
            map.put("size", size);
            map.put("inFlight", inFlight);
            out.println(Json.line(map));
            return;
        }
        out.println("requests  " + tally.throughputLine());
        out.println("latency   " + tally.latencyLine());
        out.println("errors    " + tally.errorLine());
        LatencyChart.rows(tally.latency()).forEach(out::println);
    }
}
