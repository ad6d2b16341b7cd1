package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.SendOptions.Confirmation;
import dev.antiphon.spi.ReplyAddress;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request that ends with a confirmation, and whose reply nobody wants to see. */
final class SendCall extends FramedCall {

    private final Confirmation confirmation;
    private final Function<Duration, CompletionStage<Void>> flush;

    /**
     * @param flush ends when the broker has said all it has to say about what was sent before
     */
    SendCall(
            Requester requester,
            String subject,
            Message message,
            Terms terms,
            Confirmation confirmation,
            Function<Duration, CompletionStage<Void>> flush) {
        super(requester, subject, message, terms);
        this.confirmation = confirmation;
        this.flush = flush;
    }

    /** What the responder is told. */
    static Wants wants(Wants wants, Confirmation confirmation) {
        return switch (confirmation) {
            case ROUTED -> wants.withoutReply();
            case ACCEPTED -> wants.withAcceptance().withoutReply();
            case DONE -> wants.withoutBody();
        };
    }

    @Override
    public void onSent() {
        super.onSent();
        if (confirmation == Confirmation.ROUTED) {
            // That nobody serves the subject is said before what was sent counts as flushed.
            flush.apply(Duration.ofNanos(Math.max(1, timeoutNanos())))
                    .whenComplete((done, failure) -> requester.complete(() -> flushed(failure)));
        }
    }

    private void flushed(@Nullable Throwable failure) {
        if (failure == null) {
            end(Ending.REPLIED, Message.empty());
        } else {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            ErrorCode code = cause instanceof AntiphonException ours ? ours.code() : ErrorCode.INTERNAL;
            String what = "it was sent, and the broker did not say what became of it";
            end(Ending.FAILED, new AntiphonException(code, what, cause, true, subject(), id()));
        }
    }

    @Override
    void accepted(@Nullable ReplyAddress from) {
        super.accepted(from);
        if (confirmation == Confirmation.ACCEPTED) {
            end(Ending.REPLIED, Message.empty());
        }
    }

    @Override
    boolean end(Ending how, Object result) {
        return super.end(how, how == Ending.REPLIED ? Message.empty() : result);
    }
}
