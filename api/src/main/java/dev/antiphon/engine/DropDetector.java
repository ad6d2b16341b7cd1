package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Finds requests that an asynchronous handler dropped: the stage it returned was collected without having ended, so that
 * nobody can answer any more. Such a request is answered with an error and its place is freed, instead of lost.
 *
 * <p>The handler's side (request, stage and callback) holds the sentinel; the cleaner holds a second object for the same
 * request. When the sentinel is collected and the first object has not been answered, the second one is.
 */
final class DropDetector {

    private static final Cleaner CLEANER = Cleaner.create();

    private DropDetector() {}

    /** Watches over a request; the returned action ends the watch, and is to be run when the stage has ended. */
    static Runnable watch(InboundRequest request, Hooks hooks) {
        Object sentinel = new Object();
        AtomicBoolean answered = new AtomicBoolean();
        InboundRequest substitute = request.again();
        request.sentinel = sentinel;
        substitute.sentinel = new WeakReference<>(request);
        request.letStandIn(substitute);
        Cleaner.Cleanable cleanable = CLEANER.register(sentinel, () -> {
            if (!answered.get()) {
                hooks.error(new AntiphonException(
                        ErrorCode.INTERNAL,
                        "an asynchronous handler dropped its request: the stage it returned can not end any more",
                        null,
                        true,
                        substitute.subject(),
                        null));
                substitute.answerError(
                        ControlCodec.errorReply(new IllegalStateException("the handler dropped the request")));
            }
        });
        return () -> {
            answered.set(true);
            cleanable.clean();
        };
    }
}
