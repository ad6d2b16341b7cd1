package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerFactory;
import dev.antiphon.MessengerOptions;
import dev.antiphon.spi.Transport;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The entry to the engine. Public because {@link java.util.ServiceLoader} needs it; not for programs. */
public final class EngineMessengerFactory implements MessengerFactory {

    private static final long RETRY_NANOS = 100_000_000;

    /** For {@link java.util.ServiceLoader}. */
    public EngineMessengerFactory() {}

    @Override
    public Messenger connect(MessengerOptions options) {
        Configuration.Resolved resolved = Configuration.resolve(options, TransportProviders.installed());
        long giveUp = System.nanoTime()
                + TimeUnit.NANOSECONDS.convert(resolved.settings().waitForBroker());
        for (; ; ) {
            Transport transport = resolved.provider().create(resolved.transport());
            EngineMessenger messenger = new EngineMessenger(transport, options, resolved.settings());
            try {
                messenger.start();
                return messenger;
            } catch (RuntimeException thrown) {
                messenger.close();
                AntiphonException failure = failureOf(thrown);
                boolean later = failure.code() == ErrorCode.NOT_CONNECTED && System.nanoTime() - giveUp < 0;
                if (!later || Thread.currentThread().isInterrupted()) {
                    throw failure;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /** What a stage of the transport failed with. */
    static AntiphonException failureOf(Throwable thrown) {
        boolean wrapper = thrown instanceof ExecutionException || thrown instanceof CompletionException;
        Throwable failure = wrapper && thrown.getCause() != null ? thrown.getCause() : thrown;
        return failure instanceof AntiphonException ours
                ? ours
                : new AntiphonException(ErrorCode.INTERNAL, "the transport failed: " + failure, failure);
    }
}
