package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A call that is made of others and ends when a future of its own does. */
abstract class StagedCall implements CallStage {

    private final String subject;
    private final CompletableFuture<Message> stage = new CompletableFuture<>();

    StagedCall(String subject) {
        this.subject = subject;
    }

    @Override
    public final CompletableFuture<Message> stage() {
        return stage;
    }

    @Override
    public final String subject() {
        return subject;
    }

    @Override
    public final boolean isDone() {
        return stage.isDone();
    }

    @Override
    public final Message join() {
        WorkerPool.Blocking blocking = WorkerPool.beginBlocking();
        try {
            return stage.get();
        } catch (InterruptedException e) {
            cancel();
            Thread.currentThread().interrupt();
            throw new AntiphonException(ErrorCode.CANCELLED, "interrupted while waiting for the reply", e);
        } catch (ExecutionException e) {
            throw ((AntiphonException) Objects.requireNonNull(e.getCause())).thrownHere();
        } finally {
            blocking.end();
        }
    }

    @Override
    public final CompletableFuture<Message> toCompletableFuture() {
        return CallFuture.of(this);
    }
}
