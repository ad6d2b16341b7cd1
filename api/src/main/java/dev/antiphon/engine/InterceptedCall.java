package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.OutgoingRequest;
import dev.antiphon.RequestInterceptor;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call around which interceptors stand: it ends as the outermost interceptor says, and may stand for no request, one,
 * or several one after the other.
 */
final class InterceptedCall extends StagedCall {

    private final Function<OutgoingRequest, PendingCall> sender;
    private volatile @Nullable PendingCall latest;
    private volatile boolean cancelled;

    private InterceptedCall(String subject, Function<OutgoingRequest, PendingCall> sender) {
        super(subject);
        this.sender = sender;
    }

    static Call start(
            OutgoingRequest request,
            List<RequestInterceptor> interceptors,
            Function<OutgoingRequest, PendingCall> sender) {
        InterceptedCall call = new InterceptedCall(request.subject(), sender);
        RequestInterceptor.Next chain = call::send;
        for (int i = interceptors.size() - 1; i >= 0; i--) {
            RequestInterceptor interceptor = interceptors.get(i);
            RequestInterceptor.Next next = chain;
            chain = outgoing -> interceptor.intercept(outgoing, next);
        }
        call.follow(chain, request);
        return call;
    }

    private CompletionStage<Message> send(OutgoingRequest request) {
        if (cancelled) { // nobody waits for one more attempt
            return CompletableFuture.failedFuture(cancellation());
        }
        PendingCall sent = sender.apply(request);
        latest = sent;
        if (cancelled) {
            sent.cancel();
        }
        return sent;
    }

    private void follow(RequestInterceptor.Next chain, OutgoingRequest request) {
        try {
            Objects.requireNonNull(chain.proceed(request), "an interceptor returned null instead of a stage")
                    .whenComplete(this::end);
        } catch (RuntimeException failure) {
            end(null, failure);
        }
    }

    private void end(@Nullable Message reply, @Nullable Throwable failure) {
        if (reply != null && failure == null) {
            stage().complete(reply);
            return;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        stage().completeExceptionally(
                        cause instanceof AntiphonException
                                ? cause
                                : new AntiphonException(ErrorCode.INTERNAL, "an interceptor failed: " + cause, cause));
    }

    @Override
    public String id() {
        PendingCall call = latest;
        return call == null ? "" : call.id();
    }

    @Override
    public boolean cancel() {
        cancelled = true;
        PendingCall call = latest;
        boolean ended = stage().completeExceptionally(cancellation());
        if (call != null) {
            call.cancel();
        }
        return ended;
    }

    private AntiphonException cancellation() {
        return new AntiphonException(
                ErrorCode.CANCELLED, "the caller cancelled the request", null, latest != null, subject(), id());
    }
}
