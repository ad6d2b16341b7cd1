package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.AsyncRequestHandler;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Request;
import dev.antiphon.RequestHandler;
import dev.antiphon.ResponderInterceptor;
import dev.antiphon.StreamHandler;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Brings a request to the user's handler and its result back. */
@FunctionalInterface
interface Handling {

    /** Handles the request: answers it now or later. What is thrown is answered as an error reply. */
    void handle(InboundRequest request) throws Exception;

    /** A synchronous handler. */
    static Handling ofSync(RequestHandler handler, List<ResponderInterceptor> interceptors, Hooks hooks) {
        if (interceptors.isEmpty()) {
            return request -> request.answer(handler.handle(request));
        }
        return ofAsync(request -> CompletableFuture.completedStage(handler.handle(request)), interceptors, hooks);
    }

    /** An asynchronous handler. */
    static Handling ofAsync(AsyncRequestHandler handler, List<ResponderInterceptor> interceptors, Hooks hooks) {
        ResponderInterceptor.Next chain = handler::handle;
        for (int i = interceptors.size() - 1; i >= 0; i--) {
            chain = around(interceptors.get(i), chain);
        }
        ResponderInterceptor.Next outermost = chain;
        return request -> {
            Runnable endWatch = DropDetector.watch(request, hooks);
            CompletionStage<? extends @Nullable Message> stage;
            try {
                stage = Objects.requireNonNull(
                        outermost.proceed(request), "the asynchronous handler returned null instead of a stage");
            } catch (Throwable failure) {
                endWatch.run();
                throw failure;
            }
            stage.whenComplete((reply, failure) -> {
                endWatch.run();
                if (failure == null) {
                    request.answer(reply);
                } else {
                    request.answerError(ControlCodec.errorReply(unwrap(failure)));
                }
            });
        };
    }

    /** A handler that answers with a stream. */
    static Handling ofStream(StreamHandler handler, List<ResponderInterceptor> interceptors) {
        return request -> {
            FramedRequest framed = request instanceof FramedRequest asked ? asked : null;
            Wants.Flow flow = framed == null ? null : framed.wants().stream();
            if (framed == null || flow == null) {
                request.answerError(ControlCodec.errorReply(new AntiphonException(
                        ErrorCode.INVALID_ARGUMENT, "the answer is a stream; ask for it with stream(..)")));
                return;
            }
            StreamEmission emission = framed.newStream(flow);
            ResponderInterceptor.Next chain = seen -> {
                handler.handle(seen, emission);
                return emission.ended();
            };
            for (int i = interceptors.size() - 1; i >= 0; i--) {
                chain = around(interceptors.get(i), chain);
            }
            try {
                chain.proceed(request).whenComplete((reply, failure) -> {
                    if (failure != null) {
                        emission.fail(unwrap(failure));
                    }
                });
            } catch (Throwable failure) {
                emission.fail(failure);
            }
        };
    }

    private static ResponderInterceptor.Next around(ResponderInterceptor interceptor, ResponderInterceptor.Next next) {
        return (Request request) -> interceptor.intercept(request, next);
    }

    private static Throwable unwrap(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }
}
