package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.OutgoingRequest;
import dev.antiphon.RequestInterceptor;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The interceptors around a messenger's requests. A request with one reply is a call that ends as the outermost of them
 * says ({@link #call}). One with many replies is made at most once; they see it leave and end, and what comes meanwhile
 * passes beside them ({@link #open}).
 */
final class Interceptors {

    private final List<RequestInterceptor> interceptors;
    private final Consumer<OutgoingRequest> check;
    private final Requester requester;

    /** How something ended: with a message, or with a failure. */
    @FunctionalInterface
    interface Outcome {
        void ended(@Nullable Message reply, @Nullable AntiphonException failure);
    }

    /**
     * @param check throws if what an interceptor has made of a request can not be sent
     */
    Interceptors(List<RequestInterceptor> interceptors, Consumer<OutgoingRequest> check, Requester requester) {
        this.interceptors = interceptors;
        this.check = check;
        this.requester = requester;
    }

    boolean isEmpty() {
        return interceptors.isEmpty();
    }

    /** Makes a request with one reply: none, one, or several of them one after the other, as the interceptors like. */
    Call call(
            String subject,
            Message message,
            RequestOptions options,
            Function<OutgoingRequest, ? extends PendingCall> sender) {
        return InterceptedCall.start(outgoing(subject, message, options), this::around, outgoing -> {
            check.accept(outgoing);
            return sender.apply(outgoing);
        });
    }

    /**
     * Makes a request with many replies, which come to whom the sender knows.
     *
     * @param sender its stage ends when no more replies come
     * @param instead is told how it ended if no interceptor let the request through
     */
    void open(
            String subject,
            Message message,
            RequestOptions options,
            Function<OutgoingRequest, ? extends CompletionStage<Message>> sender,
            Outcome instead) {
        OutgoingRequest request = outgoing(subject, message, options);
        long deadline = requester.alarms().now() + timeoutOf(request).toNanos();
        AtomicBoolean made = new AtomicBoolean();
        RequestInterceptor.Next once = outgoing -> {
            check.accept(outgoing);
            if (!made.compareAndSet(false, true)) {
                return CompletableFuture.failedFuture(new AntiphonException(
                        ErrorCode.UNSUPPORTED, "a request with many replies can not be made again"));
            }
            try {
                return sender.apply(before(deadline, outgoing));
            } catch (RuntimeException refused) {
                made.set(false);
                throw refused;
            }
        };
        follow(around(once), request, (reply, failure) -> {
            if (!made.get()) {
                instead.ended(reply, failure);
            }
        });
    }

    /** Interceptors may go on later, on another thread: they are told what is known here. */
    private OutgoingRequest outgoing(String subject, Message message, RequestOptions options) {
        RequestOptions known = HandlerContext.withAmbientParent(options);
        return new OutgoingRequest(
                subject, message, known.timeout().isPresent() ? known : known.withTimeout(requester.defaultTimeout()));
    }

    private Duration timeoutOf(OutgoingRequest request) {
        return request.options().timeout().orElse(requester.defaultTimeout());
    }

    private OutgoingRequest before(long deadline, OutgoingRequest request) {
        Duration left =
                Duration.ofNanos(Math.max(1, deadline - requester.alarms().now()));
        return left.compareTo(timeoutOf(request)) >= 0
                ? request
                : new OutgoingRequest(
                        request.subject(), request.message(), request.options().withTimeout(left));
    }

    private RequestInterceptor.Next around(RequestInterceptor.Next innermost) {
        RequestInterceptor.Next chain = innermost;
        for (int i = interceptors.size() - 1; i >= 0; i--) {
            RequestInterceptor interceptor = interceptors.get(i);
            RequestInterceptor.Next next = chain;
            chain = outgoing -> interceptor.intercept(outgoing, next);
        }
        return chain;
    }

    /** Lets a request pass, and tells once how that ended. */
    static void follow(RequestInterceptor.Next chain, OutgoingRequest request, Outcome outcome) {
        try {
            Objects.requireNonNull(chain.proceed(request), "an interceptor returned null instead of a stage")
                    .whenComplete((reply, failure) -> tell(outcome, reply, failure));
        } catch (RuntimeException failure) {
            tell(outcome, null, failure);
        }
    }

    private static void tell(Outcome outcome, @Nullable Message reply, @Nullable Throwable failure) {
        if (reply != null && failure == null) {
            outcome.ended(reply, null);
            return;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        outcome.ended(
                null,
                cause instanceof AntiphonException ours
                        ? ours
                        : new AntiphonException(ErrorCode.INTERNAL, "an interceptor failed: " + cause, cause));
    }
}
