package dev.antiphon.conformance.broker;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one broker of its kind for all ordinary tests of this JVM: looked for at the first call, found or missed once and for all,
 * closed when the JVM ends. Any thread.
 */
final class SharedBroker<B extends BrokerControl> {
    private final String kind;
    private final Supplier<B> search;

    // Guarded by this.
    private @Nullable B found;
    private @Nullable BrokerException failure;

    /**
     * @param kind of the broker, in the name of the thread that closes it
     * @param search finds or starts one
     */
    SharedBroker(String kind, Supplier<B> search) {
        this.kind = kind;
        this.search = search;
    }

    synchronized B open() {
        if (failure != null) {
            throw failure;
        }
        B broker = found;
        if (broker == null) {
            broker = search();
            found = broker;
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "close-shared-" + kind));
        }
        return broker;
    }

    private B search() {
        try {
            return search.get();
        } catch (BrokerException e) {
            // The next test would only wait as long to hear the same.
            failure = e;
            throw e;
        }
    }
}
