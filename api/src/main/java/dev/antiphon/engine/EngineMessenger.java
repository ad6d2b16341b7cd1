package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.AsyncRequestHandler;
import dev.antiphon.Call;
import dev.antiphon.ConnectionState;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.DrainReport;
import dev.antiphon.ErrorCode;
import dev.antiphon.GatherOptions;
import dev.antiphon.GatherResult;
import dev.antiphon.Message;
import dev.antiphon.MessageHandler;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerOptions;
import dev.antiphon.MessengerStats;
import dev.antiphon.OutgoingRequest;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RaceOptions;
import dev.antiphon.RequestHandler;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.SendOptions;
import dev.antiphon.StreamHandler;
import dev.antiphon.StreamOptions;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.Subscription;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.Transport;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The messenger: checks arguments and state, and hands on to {@link Requester} and {@link Responders}. Also the life of
 * it all: start, drain, close.
 */
final class EngineMessenger implements Messenger {

    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
    private static final SecureRandom RANDOM = new SecureRandom();

    private enum Life {
        OPEN,
        DRAINING,
        CLOSED
    }

    private final Transport transport;
    private final MessengerOptions options;
    private final Counters counters = new Counters();
    private final Executors executors;
    private final Hooks hooks;
    private final Requester requester;
    private final Interceptors interceptors;
    private final Operations operations;
    private final Responders responders;
    private final Connection connection;
    private final Ticker ticker;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> requestsDone = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private volatile Life life = Life.OPEN;
    private volatile boolean handlersDone;
    private volatile Subjects subjects;
    private @Nullable ReplyChannel replyChannel;
    private @Nullable CompletableFuture<DrainReport> drain;

    EngineMessenger(Transport transport, MessengerOptions options, EngineSettings settings) {
        this(transport, options, settings, System::nanoTime);
    }

    EngineMessenger(Transport transport, MessengerOptions options, EngineSettings settings, LongSupplier clock) {
        this.transport = transport;
        this.options = options;
        executors = new Executors(settings.name(), options, this::wakeTicker);
        hooks = new Hooks(options.listener(), executors.own());
        requester = new Requester(
                settings, clock, counters, hooks, executors.completions(), new CorrelationSequence(RANDOM));
        interceptors = new Interceptors(options.requestInterceptors(), this::check, requester);
        operations = new Operations(requester, transport::flush, interceptors);
        responders = new Responders(
                transport,
                counters,
                hooks,
                executors.handlers(),
                executors.own(),
                clock,
                requester.exchanges(),
                () -> ControlCodec.identity(settings.name(), RANDOM.nextLong()));
        connection = new Connection(hooks, requester, () -> life = Life.CLOSED, this::transportClosed);
        ticker = new Ticker("antiphon-timer-" + settings.name(), clock, this::tick);
        subjects = new Subjects(transport.capabilities().limits().maxSubjectBytes());
    }

    // -- Start --

    /** Connects and opens the reply channel. After a failure, {@link #close} cleans up. */
    void start() {
        await(transport.start(connection));
        connection.started();
        subjects = new Subjects(transport.capabilities().limits().maxSubjectBytes());
        replyChannel = await(transport.openReplyChannel(CorrelationSequence.token(RANDOM), requester));
        boolean survives = transport.capabilities().has(Capabilities.Capability.REPLY_ADDRESS_SURVIVES_RECONNECT);
        requester.open(
                replyChannel,
                connection::epoch,
                this::wakeTicker,
                survives ? DisconnectPolicy.WAIT : DisconnectPolicy.FAIL);
        if (!transport.capabilities().has(Capabilities.Capability.NO_RESPONDERS)) {
            requester.respondersAreUnknown();
        }
        ticker.start();
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AntiphonException(ErrorCode.CANCELLED, "interrupted while connecting", e);
        } catch (TimeoutException e) {
            throw new AntiphonException(ErrorCode.NOT_CONNECTED, "not connected within " + START_LIMIT, e);
        } catch (ExecutionException e) {
            throw EngineMessengerFactory.failureOf(e);
        }
    }

    private void wakeTicker() {
        ticker.wake();
    }

    private boolean tick(long now) {
        boolean requesting = requester.tick(now);
        boolean working = executors.tick();
        if (handlersDone && requester.inFlight() == 0) {
            requestsDone.complete(null);
        }
        return requesting || working || life == Life.DRAINING;
    }

    // -- Use --

    @Override
    public Call request(String subject, Message message, RequestOptions requestOptions) {
        subjects.checkConcrete(Objects.requireNonNull(subject, "subject"));
        ControlCodec.checkUserHeaders(Objects.requireNonNull(message, "message"));
        Objects.requireNonNull(requestOptions, "options");
        checkMayRequest(requestOptions);
        if (interceptors.isEmpty()) {
            return requester.request(subject, message, requestOptions);
        }
        return interceptors.call(
                subject,
                message,
                requestOptions,
                outgoing -> requester.request(outgoing.subject(), outgoing.message(), outgoing.options()));
    }

    /** Checks what interceptors have made of a request. */
    private void check(OutgoingRequest outgoing) {
        subjects.checkConcrete(outgoing.subject());
        ControlCodec.checkUserHeaders(outgoing.message());
    }

    @Override
    public CompletableFuture<GatherResult> gather(
            Collection<String> subjectsToAsk, Message message, GatherOptions gatherOptions) {
        List<String> checked = checkAll(subjectsToAsk);
        checkMayAsk(message, gatherOptions);
        return operations.gather(checked, message, gatherOptions);
    }

    @Override
    public Flow.Publisher<Message> stream(String subject, Message message, StreamOptions streamOptions) {
        subjects.checkConcrete(Objects.requireNonNull(subject, "subject"));
        checkMayAsk(message, streamOptions);
        return operations.stream(subject, message, streamOptions);
    }

    @Override
    public Call race(List<String> subjectsToAsk, Message message, RaceOptions raceOptions) {
        List<String> checked = checkAll(subjectsToAsk);
        checkMayAsk(message, raceOptions);
        return operations.race(checked, message, raceOptions);
    }

    @Override
    public Call send(String subject, Message message, SendOptions sendOptions) {
        subjects.checkConcrete(Objects.requireNonNull(subject, "subject"));
        checkMayAsk(message, sendOptions);
        return operations.send(
                subject, message, sendOptions, transport.capabilities().has(Capabilities.Capability.NO_RESPONDERS));
    }

    private void checkMayAsk(Message message, Object anyOptions) {
        ControlCodec.checkUserHeaders(Objects.requireNonNull(message, "message"));
        Objects.requireNonNull(anyOptions, "options");
        checkMayRequest(RequestOptions.DEFAULTS);
    }

    private List<String> checkAll(Collection<String> subjectsToAsk) {
        List<String> copy = List.copyOf(subjectsToAsk);
        if (copy.isEmpty()) {
            throw new AntiphonException(ErrorCode.INVALID_ARGUMENT, "there must be at least one subject");
        }
        copy.forEach(subjects::checkConcrete);
        return copy;
    }

    /** While draining, handlers that are still running may make requests, and nobody else. */
    private void checkMayRequest(RequestOptions requestOptions) {
        Life now = life;
        boolean handling =
                HandlerContext.current() != null || requestOptions.parent().isPresent();
        if (now == Life.CLOSED || (now == Life.DRAINING && !handling)) {
            throw closedException();
        }
    }

    private AntiphonException closedException() {
        return new AntiphonException(
                ErrorCode.CLOSED,
                life == Life.DRAINING ? "the messenger is draining" : "the messenger is closed",
                null,
                false,
                null,
                null);
    }

    private void checkOpen() {
        if (life != Life.OPEN) {
            throw closedException();
        }
    }

    @Override
    public Subscription respond(String subject, RequestHandler handler, RespondOptions respondOptions) {
        Objects.requireNonNull(handler, "handler");
        return serve(subject, Handling.ofSync(handler, options.responderInterceptors(), hooks), respondOptions);
    }

    @Override
    public Subscription respondAsync(String subject, AsyncRequestHandler handler, RespondOptions respondOptions) {
        Objects.requireNonNull(handler, "handler");
        return serve(subject, Handling.ofAsync(handler, options.responderInterceptors(), hooks), respondOptions);
    }

    @Override
    public Subscription respondStream(String subject, StreamHandler handler, RespondOptions respondOptions) {
        Objects.requireNonNull(handler, "handler");
        return serve(subject, Handling.ofStream(handler, options.responderInterceptors()), respondOptions);
    }

    private Subscription serve(String subject, Handling handling, RespondOptions respondOptions) {
        checkSubscription(subject, respondOptions.queueGroup());
        Responder responder = new Responder(responders, subject, handling, respondOptions);
        return responders.add(responder, takesItsTime(respondOptions.sameThread(), respondOptions.onOverload()));
    }

    @Override
    public Subscription subscribe(String subject, MessageHandler handler, SubscribeOptions subscribeOptions) {
        Objects.requireNonNull(handler, "handler");
        checkSubscription(subject, subscribeOptions.queueGroup());
        Subscriber subscriber = new Subscriber(responders, subject, handler, subscribeOptions);
        return responders.add(subscriber, takesItsTime(subscribeOptions.sameThread(), subscribeOptions.onOverload()));
    }

    /** Whether the transport's thread may be held up. An executor that was given may run handlers on the calling thread. */
    private boolean takesItsTime(boolean sameThread, OverloadPolicy onOverload) {
        return sameThread || onOverload == OverloadPolicy.WAIT || options.handlerExecutor() != null;
    }

    private void checkSubscription(String subject, Optional<String> group) {
        subjects.checkPattern(Objects.requireNonNull(subject, "subject"));
        group.ifPresent(subjects::checkGroup);
        checkOpen();
        Capabilities capabilities = transport.capabilities();
        if (group.isPresent() && !capabilities.has(Capabilities.Capability.QUEUE_GROUP)) {
            throw new AntiphonException(ErrorCode.UNSUPPORTED, "this transport has no queue groups");
        }
        if (Subjects.isPattern(subject) && !capabilities.has(Capabilities.Capability.WILDCARD)) {
            throw new AntiphonException(ErrorCode.UNSUPPORTED, "this transport has no wildcards");
        }
    }

    @Override
    public CompletableFuture<Void> publish(String subject, Message message) {
        subjects.checkConcrete(Objects.requireNonNull(subject, "subject"));
        ControlCodec.checkUserHeaders(Objects.requireNonNull(message, "message"));
        if (life != Life.OPEN && (life == Life.CLOSED || HandlerContext.current() == null)) {
            throw closedException();
        }
        counters.published.increment();
        return Publication.send(transport, subject, message, executors.completions());
    }

    @Override
    public ConnectionState state() {
        return life == Life.CLOSED ? ConnectionState.CLOSED : connection.state();
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return transport.unwrap(Objects.requireNonNull(nativeType, "nativeType"));
    }

    @Override
    public MessengerStats stats() {
        return new MessengerStats(
                counters.requestsSent.sum(),
                counters.repliesReceived.sum(),
                counters.timeouts.sum(),
                counters.noResponders.sum(),
                counters.requestsFailed.sum(),
                counters.lateReplies.sum(),
                counters.duplicateReplies.sum(),
                counters.unknownReplies.sum(),
                counters.published.sum(),
                counters.delivered.sum(),
                counters.dropped.sum(),
                counters.requestsReceived.sum(),
                counters.requestsAnswered.sum(),
                counters.requestsExpired.sum(),
                counters.requestsRejected.sum(),
                connection.reconnects(),
                requester.tableEntries(),
                requester.timersArmed(),
                requester.inFlight(),
                responders.load(),
                requester.leaked(),
                counters.requestsCancelled.sum(),
                counters.framesIgnored.sum(),
                requester.exchanges().size());
    }

    // -- End --

    @Override
    public CompletableFuture<DrainReport> drain(Duration limit) {
        synchronized (this) {
            if (drain == null) {
                drain = startDrain(limit);
            }
            return drain.copy();
        }
    }

    /** Each step begins when the one before has ended or the limit has been reached; closing is always the last. */
    private CompletableFuture<DrainReport> startDrain(Duration limit) {
        if (life == Life.CLOSED) {
            return CompletableFuture.failedFuture(closedException());
        }
        long start = System.nanoTime();
        long end = start + Registration.nanosOf(limit);
        long repliesBefore = counters.repliesReceived.sum();
        long failedBefore = counters.endedWithoutReply();
        life = Life.DRAINING;
        return responders
                .drain(limit)
                .thenCompose(reports -> {
                    handlersDone = true; // only now: a handler may make one more request
                    ticker.wake();
                    return requestsDone
                            .copy()
                            .completeOnTimeout(null, Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS)
                            .thenCompose(ignored ->
                                    transport.flush(Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()))))
                            .handle((ignored, failure) -> reports);
                })
                .thenApplyAsync(
                        reports -> {
                            close();
                            return new DrainReport(
                                    reports.stream()
                                            .mapToLong(DrainReport::handled)
                                            .sum(),
                                    reports.stream()
                                            .mapToLong(DrainReport::abandoned)
                                            .sum(),
                                    counters.repliesReceived.sum() - repliesBefore,
                                    counters.endedWithoutReply() - failedBefore,
                                    Duration.ofNanos(System.nanoTime() - start));
                        },
                        task -> new Thread(task, "antiphon-drain").start());
    }

    /** The transport closed: because {@link #close} told it to, or because it gave up. */
    private void transportClosed(@Nullable AntiphonException cause) {
        if (!closing.get()) {
            Thread closer = new Thread(() -> close(cause), "antiphon-close");
            closer.setDaemon(true);
            closer.start();
        }
    }

    @Override
    public void close() {
        close(null);
    }

    private void close(@Nullable AntiphonException cause) {
        if (!closing.compareAndSet(false, true)) {
            awaitClosed();
            return;
        }
        life = Life.CLOSED;
        String why =
                cause == null ? "the messenger was closed" : "the connection is closed for good: " + cause.getMessage();
        requester.close(new AntiphonException(ErrorCode.CLOSED, why, cause));
        responders.close();
        if (replyChannel != null) {
            replyChannel.close();
        }
        transport.close(CLOSE_LIMIT);
        executors.shutdown(CLOSE_LIMIT.toNanos());
        ticker.stop();
        closed.complete(null);
    }

    /** A second closer returns when the first is done; not a thread of ours, which the first may be waiting for. */
    private void awaitClosed() {
        if (!Executors.isOwnThread()) {
            closed.copy()
                    .completeOnTimeout(null, 2 * CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
    }
}
