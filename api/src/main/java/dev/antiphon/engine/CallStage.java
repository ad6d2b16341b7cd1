package dev.antiphon.engine;

import dev.antiphon.Call;
import dev.antiphon.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/** The 37 methods of {@link CompletionStage} a call needs, each handed on to {@link #stage()}. Nothing else is here. */
interface CallStage extends Call {

    /** The future that dependents hang on. Nobody outside of the engine sees it. */
    CompletableFuture<Message> stage();

    @Override
    default <U> CompletionStage<U> thenApply(Function<? super Message, ? extends U> fn) {
        return stage().thenApply(fn);
    }

    @Override
    default <U> CompletionStage<U> thenApplyAsync(Function<? super Message, ? extends U> fn) {
        return stage().thenApplyAsync(fn);
    }

    @Override
    default <U> CompletionStage<U> thenApplyAsync(Function<? super Message, ? extends U> fn, Executor executor) {
        return stage().thenApplyAsync(fn, executor);
    }

    @Override
    default CompletionStage<Void> thenAccept(Consumer<? super Message> action) {
        return stage().thenAccept(action);
    }

    @Override
    default CompletionStage<Void> thenAcceptAsync(Consumer<? super Message> action) {
        return stage().thenAcceptAsync(action);
    }

    @Override
    default CompletionStage<Void> thenAcceptAsync(Consumer<? super Message> action, Executor executor) {
        return stage().thenAcceptAsync(action, executor);
    }

    @Override
    default CompletionStage<Void> thenRun(Runnable action) {
        return stage().thenRun(action);
    }

    @Override
    default CompletionStage<Void> thenRunAsync(Runnable action) {
        return stage().thenRunAsync(action);
    }

    @Override
    default CompletionStage<Void> thenRunAsync(Runnable action, Executor executor) {
        return stage().thenRunAsync(action, executor);
    }

    @Override
    default <U, V> CompletionStage<V> thenCombine(
            CompletionStage<? extends U> other, BiFunction<? super Message, ? super U, ? extends V> fn) {
        return stage().thenCombine(other, fn);
    }

    @Override
    default <U, V> CompletionStage<V> thenCombineAsync(
            CompletionStage<? extends U> other, BiFunction<? super Message, ? super U, ? extends V> fn) {
        return stage().thenCombineAsync(other, fn);
    }

    @Override
    default <U, V> CompletionStage<V> thenCombineAsync(
            CompletionStage<? extends U> other,
            BiFunction<? super Message, ? super U, ? extends V> fn,
            Executor executor) {
        return stage().thenCombineAsync(other, fn, executor);
    }

    @Override
    default <U> CompletionStage<Void> thenAcceptBoth(
            CompletionStage<? extends U> other, BiConsumer<? super Message, ? super U> action) {
        return stage().thenAcceptBoth(other, action);
    }

    @Override
    default <U> CompletionStage<Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other, BiConsumer<? super Message, ? super U> action) {
        return stage().thenAcceptBothAsync(other, action);
    }

    @Override
    default <U> CompletionStage<Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other, BiConsumer<? super Message, ? super U> action, Executor executor) {
        return stage().thenAcceptBothAsync(other, action, executor);
    }

    @Override
    default CompletionStage<Void> runAfterBoth(CompletionStage<?> other, Runnable action) {
        return stage().runAfterBoth(other, action);
    }

    @Override
    default CompletionStage<Void> runAfterBothAsync(CompletionStage<?> other, Runnable action) {
        return stage().runAfterBothAsync(other, action);
    }

    @Override
    default CompletionStage<Void> runAfterBothAsync(CompletionStage<?> other, Runnable action, Executor executor) {
        return stage().runAfterBothAsync(other, action, executor);
    }

    @Override
    default <U> CompletionStage<U> applyToEither(
            CompletionStage<? extends Message> other, Function<? super Message, U> fn) {
        return stage().applyToEither(other, fn);
    }

    @Override
    default <U> CompletionStage<U> applyToEitherAsync(
            CompletionStage<? extends Message> other, Function<? super Message, U> fn) {
        return stage().applyToEitherAsync(other, fn);
    }

    @Override
    default <U> CompletionStage<U> applyToEitherAsync(
            CompletionStage<? extends Message> other, Function<? super Message, U> fn, Executor executor) {
        return stage().applyToEitherAsync(other, fn, executor);
    }

    @Override
    default CompletionStage<Void> acceptEither(
            CompletionStage<? extends Message> other, Consumer<? super Message> action) {
        return stage().acceptEither(other, action);
    }

    @Override
    default CompletionStage<Void> acceptEitherAsync(
            CompletionStage<? extends Message> other, Consumer<? super Message> action) {
        return stage().acceptEitherAsync(other, action);
    }

    @Override
    default CompletionStage<Void> acceptEitherAsync(
            CompletionStage<? extends Message> other, Consumer<? super Message> action, Executor executor) {
        return stage().acceptEitherAsync(other, action, executor);
    }

    @Override
    default CompletionStage<Void> runAfterEither(CompletionStage<?> other, Runnable action) {
        return stage().runAfterEither(other, action);
    }

    @Override
    default CompletionStage<Void> runAfterEitherAsync(CompletionStage<?> other, Runnable action) {
        return stage().runAfterEitherAsync(other, action);
    }

    @Override
    default CompletionStage<Void> runAfterEitherAsync(CompletionStage<?> other, Runnable action, Executor executor) {
        return stage().runAfterEitherAsync(other, action, executor);
    }

    @Override
    default <U> CompletionStage<U> thenCompose(Function<? super Message, ? extends CompletionStage<U>> fn) {
        return stage().thenCompose(fn);
    }

    @Override
    default <U> CompletionStage<U> thenComposeAsync(Function<? super Message, ? extends CompletionStage<U>> fn) {
        return stage().thenComposeAsync(fn);
    }

    @Override
    default <U> CompletionStage<U> thenComposeAsync(
            Function<? super Message, ? extends CompletionStage<U>> fn, Executor executor) {
        return stage().thenComposeAsync(fn, executor);
    }

    @Override
    default <U> CompletionStage<U> handle(BiFunction<? super Message, Throwable, ? extends U> fn) {
        return stage().handle(fn);
    }

    @Override
    default <U> CompletionStage<U> handleAsync(BiFunction<? super Message, Throwable, ? extends U> fn) {
        return stage().handleAsync(fn);
    }

    @Override
    default <U> CompletionStage<U> handleAsync(
            BiFunction<? super Message, Throwable, ? extends U> fn, Executor executor) {
        return stage().handleAsync(fn, executor);
    }

    @Override
    default CompletionStage<Message> whenComplete(BiConsumer<? super Message, ? super Throwable> action) {
        return stage().whenComplete(action);
    }

    @Override
    default CompletionStage<Message> whenCompleteAsync(BiConsumer<? super Message, ? super Throwable> action) {
        return stage().whenCompleteAsync(action);
    }

    @Override
    default CompletionStage<Message> whenCompleteAsync(
            BiConsumer<? super Message, ? super Throwable> action, Executor executor) {
        return stage().whenCompleteAsync(action, executor);
    }

    @Override
    default CompletionStage<Message> exceptionally(Function<Throwable, ? extends Message> fn) {
        return stage().exceptionally(fn);
    }
}
