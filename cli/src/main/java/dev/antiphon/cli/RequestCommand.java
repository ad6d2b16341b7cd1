package dev.antiphon.cli;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerOptions;
import dev.antiphon.RequestOptions;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "request",
        description = "Sends a request and prints the reply.",
        footer = {
            "",
            "Exit code: that of the worst outcome; 0 when every request was answered.",
            "",
            "Examples:",
            "  antiphon request greet hello --url nats://localhost:4222",
            "  date | antiphon request clock.check - --timeout 500ms",
            "  antiphon request greet hi --count 10000 --in-flight 100 --quiet"
        })
final class RequestCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Mixin
    private MessageArguments arguments;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "How long to wait for a reply. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ZERO;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many requests to send. Beyond 1, a summary is printed to stderr.")
    private long count;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many requests wait for their reply at once. Default: ${DEFAULT-VALUE}.")
    private int inFlight;

    @Option(
            names = "--progress",
            description = "Print to stderr what the handler says before it replies. Ctrl-C cancels it.")
    private boolean progress;

    @Option(names = "--raw", description = "Print the reply's bytes only, with no line end added.")
    private boolean raw;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print no replies.")
    private boolean quiet;

    @Override
    public Integer call() throws Exception {
        if (count < 1 || inFlight < 1) {
            throw common.bad("--count and --in-flight must be 1 or more");
        }
        Message message = arguments.message(common.terminal().in());
        RequestOptions timed = RequestOptions.timeout(timeout);
        RequestOptions options = progress ? timed.withOnProgress(this::printProgress) : timed;
        try (Messenger messenger = common.builder(common.brokerUrl())
                .maxInFlight(Math.max(inFlight, MessengerOptions.DEFAULT_MAX_IN_FLIGHT))
                .connect()) {
            return count == 1 ? one(messenger, message, options) : many(messenger, message, options);
        }
    }

    private void printProgress(Message message) {
        common.terminal().err().println("progress: " + Format.oneLine(message.text()));
    }

    private int one(Messenger messenger, Message message, RequestOptions options) {
        long start = System.nanoTime();
        Call call = messenger.request(arguments.subject(), message, options);
        OnSignal signal = new OnSignal(() -> {
            call.cancel();
            messenger.close(); // what tells the handler leaves first
        });
        try {
            print(call.join(), null, System.nanoTime() - start);
            return Verdict.ANSWERED;
        } catch (AntiphonException failure) {
            long nanos = System.nanoTime() - start;
            print(null, failure, nanos);
            return new Failures(common.terminal()).tell(failure, " after " + Format.nanos(nanos), common.verbose());
        } finally {
            signal.forget();
        }
    }

    private int many(Messenger messenger, Message message, RequestOptions options) {
        Tally tally = new Tally();
        AtomicLong left = new AtomicLong(count);
        Load load = new Load(messenger, arguments.subject(), message, options, (reply, failure, nanos) -> {
            tally.ended(reply, failure, nanos);
            print(reply, failure, nanos);
        });
        int lanes = (int) Math.min(inFlight, count);
        ProgressBar.during(
                load.start(lanes, () -> left.getAndDecrement() > 0),
                common.terminal(),
                () -> (double) tally.ended() / count,
                () -> Format.count(tally.ended()) + " ended");
        summarize(tally.finish());
        return tally.exitCode();
    }

    private void summarize(Tally tally) {
        PrintStream err = common.terminal().err();
        err.println("requests  " + tally.throughputLine());
        err.println("latency   " + tally.latencyLine());
        err.println("errors    " + tally.errorLine());
        if (common.json()) {
            common.terminal().out().println(Json.line(tally.toMap("summary")));
        }
    }

    /** Bodies of replies go to stdout as they are; failures only as JSON, since stderr tells them. */
    private void print(@Nullable Message reply, @Nullable AntiphonException failure, long nanos) {
        PrintStream out = common.terminal().out();
        if (common.json() && !quiet) {
            Map<String, Object> map = reply != null
                    ? Json.message("reply", arguments.subject(), reply)
                    : Failures.toMap(Objects.requireNonNull(failure));
            map.put("latencyMicros", Format.micros(nanos));
            out.println(Json.line(map));
        } else if (reply != null && !quiet) {
            byte[] body = reply.sharedBytes();
            synchronized (out) {
                out.write(body, 0, body.length);
                if (!raw && (body.length == 0 || body[body.length - 1] != '\n')) {
                    out.println();
                }
                out.flush();
            }
        }
    }
}
