package dev.antiphon.engine;

import dev.antiphon.Call;
import dev.antiphon.Message;
import java.util.concurrent.CompletableFuture;

/** What a caller gets as a future of a call: it follows the call, and cancelling it cancels the call. */
final class CallFuture extends CompletableFuture<Message> {

    private final Call call;

    private CallFuture(Call call) {
        this.call = call;
    }

    static CallFuture of(CallStage call) {
        CallFuture future = new CallFuture(call);
        CompletableFuture<Message> unused = call.stage().whenComplete((reply, failure) -> {
            if (failure == null) {
                future.complete(reply);
            } else {
                future.completeExceptionally(failure);
            }
        });
        return future;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        call.cancel();
        return cancelled;
    }

    /** Stages derived from this one are ordinary futures. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
