package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.OutgoingRequest;
import dev.antiphon.RequestInterceptor;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A call around which interceptors stand: it ends as the outermost interceptor says, and may stand for no request, one,
 * or several one after the other.
 */
final class InterceptedCall extends StagedCall {

    private final Function<OutgoingRequest, ? extends PendingCall> sender;
    private volatile @Nullable PendingCall latest;
    private volatile boolean cancelled;

    private InterceptedCall(String subject, Function<OutgoingRequest, ? extends PendingCall> sender) {
        super(subject);
        this.sender = sender;
    }

    /**
     * Makes the call.
     *
     * @param around puts the interceptors around what makes the request
     */
    static Call start(
            OutgoingRequest request,
            UnaryOperator<RequestInterceptor.Next> around,
            Function<OutgoingRequest, ? extends PendingCall> sender) {
        InterceptedCall call = new InterceptedCall(request.subject(), sender);
        Interceptors.follow(around.apply(call::send), request, call::end);
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

    private void end(@Nullable Message reply, @Nullable AntiphonException failure) {
        if (reply != null) {
            stage().complete(reply);
        } else {
            stage().completeExceptionally(Objects.requireNonNull(failure));
        }
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
