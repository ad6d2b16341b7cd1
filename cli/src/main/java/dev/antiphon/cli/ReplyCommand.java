package dev.antiphon.cli;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.Request;
import dev.antiphon.RequestHandler;
import dev.antiphon.RespondOptions;
import dev.antiphon.StreamHandler;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "reply",
        description = "Answers requests until Ctrl-C, then drains: what was received is answered before it ends.",
        footer = {
            "",
            "A command finds the subject in ANTIPHON_SUBJECT and the header x-id in",
            "ANTIPHON_HEADER_X_ID. If it fails, the requester gets an error reply with code",
            "EXIT_<n> and the last line of its stderr.",
            "",
            "Exit code: 0 when everything was answered, 1 when something was abandoned.",
            "",
            "Examples:",
            "  antiphon reply greet --echo --url nats://localhost:4222",
            "  antiphon reply greet --queue g --command 'echo hello $(cat)'",
            "  antiphon reply 'price.*' --body 42 --count 10"
        })
final class ReplyCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common;

    @Parameters(paramLabel = "SUBJECT", description = "What to answer: a subject, or a pattern with * or >.")
    private String subject;

    @ArgGroup(multiplicity = "1")
    private Answer answer;

    @Option(
            names = "--queue",
            paramLabel = "GROUP",
            description = "Join this queue group: each request goes to one member.")
    private @Nullable String queue;

    @Option(names = "--stream", description = "Answer with a stream: each line of the command's output is an item.")
    private boolean stream;

    @Option(names = "--count", paramLabel = "N", description = "Drain and end after this many requests.")
    private long count = Long.MAX_VALUE;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many requests are handled at once. Default: ${DEFAULT-VALUE}.")
    private int concurrency;

    @Option(
            names = "--drain-limit",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "How long a drain may take. Default: ${DEFAULT-VALUE}.")
    private Duration drainLimit = Duration.ZERO;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print no line per request.")
    private boolean quiet;

    private final AtomicLong requests = new AtomicLong();

    /** How a request is answered: one of three. */
    static final class Answer {
        @Option(names = "--echo", required = true, description = "Reply with the request's body and headers.")
        @SuppressWarnings("UnusedVariable") // what is left when it is neither of the others
        private boolean echo;

        @Option(names = "--body", required = true, paramLabel = "TEXT", description = "Reply with this text.")
        private @Nullable String body;

        @Option(
                names = "--command",
                required = true,
                paramLabel = "CMD",
                description = "Run this with sh -c: the body is its stdin, its stdout is the reply.")
        private @Nullable String command;

        StreamHandler streamHandler() {
            return command == null ? StreamHandler.ofStream(this::lines) : new ShellStream(command);
        }

        private Stream<Message> lines(Request request) {
            return (body == null ? request.text() : body).lines().map(Message::of);
        }

        RequestHandler handler() {
            if (command != null) {
                return new ShellHandler(command);
            }
            Message fixed = body == null ? null : Message.of(body);
            return request -> fixed == null ? request.message() : fixed;
        }
    }

    @Override
    public Integer call() {
        if (count < 1) {
            throw common.bad("--count must be 1 or more");
        }
        RespondOptions options = RespondOptions.DEFAULTS.withConcurrency(concurrency);
        RespondOptions grouped = queue == null ? options : options.withQueueGroup(queue);
        String url = common.brokerUrl();
        Serving serving = new Serving(common, drainLimit);
        try (LineLog log = new LineLog(
                        common.json()
                                ? common.terminal().out()
                                : common.terminal().err());
                Messenger messenger = common.connect(url, serving)) {
            if (stream) {
                messenger.respondStream(subject, observed(answer.streamHandler(), serving), grouped);
            } else {
                messenger.respond(subject, observed(answer.handler(), log, serving), grouped);
            }
            serving.note("replying to " + subject + (queue == null ? "" : " in queue group " + queue) + " on "
                    + CommonOptions.shown(url) + "; Ctrl-C drains and ends");
            return serving.serve(messenger);
        }
    }

    private RequestHandler observed(RequestHandler handler, LineLog log, Serving serving) {
        return request -> {
            long start = System.nanoTime();
            try {
                Message reply = handler.handle(request);
                tell(log, request, reply == null ? 0 : reply.size(), null, System.nanoTime() - start);
                return reply;
            } catch (Exception error) {
                tell(log, request, 0, error, System.nanoTime() - start);
                throw error;
            } finally {
                if (requests.incrementAndGet() == count) {
                    serving.enough();
                }
            }
        };
    }

    private StreamHandler observed(StreamHandler handler, Serving serving) {
        return (request, emitter) -> {
            try {
                handler.handle(request, emitter);
            } finally {
                if (requests.incrementAndGet() == count) {
                    serving.enough();
                }
            }
        };
    }

    private void tell(LineLog log, Request request, int replySize, @Nullable Exception error, long nanos) {
        if (quiet) {
            return;
        }
        if (common.json()) {
            log.line(Json.line(toMap(request, replySize, error, nanos)));
            return;
        }
        String result = error == null ? replySize + " bytes" : "error " + Format.oneLine(problem(error));
        log.line(Format.of(
                "%s  %d bytes -> %s in %s", request.subject(), request.message().size(), result, Format.nanos(nanos)));
    }

    private static Map<String, Object> toMap(Request request, int replySize, @Nullable Exception error, long nanos) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", "request");
        map.put("subject", request.subject());
        map.put("bytes", request.message().size());
        map.put(error == null ? "replyBytes" : "error", error == null ? replySize : problem(error));
        map.put("micros", Format.micros(nanos));
        return map;
    }

    private static String problem(Exception error) {
        return error instanceof RemoteException remote
                ? remote.remoteCode() + ": " + remote.remoteMessage()
                : error.toString();
    }
}
