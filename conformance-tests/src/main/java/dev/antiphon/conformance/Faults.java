package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerBuilder;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.spi.Capabilities.Capability;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the rules about faults share. */
interface Faults extends Conformance {
    /** Whether there is a connection that can break; if not, this has seen to it that nothing can. */
    default boolean connectionCanBreak() {
        if (supports(Capability.AUTO_RECONNECT)) {
            return true;
        }
        assertThat(harness().fixture().openBroker())
                .as("a broker that can be broken, of a transport that does not reconnect")
                .isEmpty();
        Observed observed = new Observed();
        Messenger messenger = connect(builder -> builder.listener(observed));
        roundTrip(messenger);
        assertThat(messenger.state()).isEqualTo(ConnectionState.CONNECTED);
        assertThat(messenger.stats().reconnects()).isZero();
        messenger.close();
        assertThat(observed.count(ConnectionState.RECONNECTING)).isZero();
        return false;
    }

    /** A messenger at this URL, to be cut off. */
    default Peer peer(String url) {
        return peer(url, builder -> {});
    }

    /** A messenger at this URL, set up by the rule, to be cut off. */
    default Peer peer(String url, Consumer<MessengerBuilder> setUp) {
        String name = harness().connectionName();
        Observed observed = new Observed();
        Messenger messenger = connect(builder -> {
            setUp.accept(builder.url(url));
            builder.name(name).listener(observed);
        });
        return new Peer(name, messenger, observed);
    }

    /** Does harm, and waits until all these have lost their connection and are connected again. */
    default void interrupt(Runnable fault, Peer... peers) {
        List<Integer> before = Arrays.stream(peers).map(Faults::connections).toList();
        fault.run();
        for (int i = 0; i < peers.length; i++) {
            Peer peer = peers[i];
            int connections = before.get(i);
            eventually(
                    "connected again",
                    () -> assertThat(connections(peer))
                            .as(
                                    "connections of %s, which said %s",
                                    peer.name(), peer.observed().states())
                            .isGreaterThan(connections));
        }
    }

    /** Does harm, and waits until all these know that they have lost their connection. */
    default void cutOff(Runnable fault, Peer... peers) {
        fault.run();
        for (Peer peer : peers) {
            eventually(
                    "the loss of the connection is noticed",
                    () -> assertThat(peer.messenger().state()).isEqualTo(ConnectionState.RECONNECTING));
        }
    }

    /** Cuts these off from a broker that runs, and keeps them out until its proxy heals. */
    default void keepOut(BrokerControl broker, Peer... peers) {
        cutOff(broker.proxy()::disappear, peers);
    }

    private static int connections(Peer peer) {
        return peer.observed().count(ConnectionState.CONNECTED);
    }

    /** How something ended within twice the signal time: null if it succeeded. */
    default @Nullable AntiphonException failureOf(CompletableFuture<?> future) {
        try {
            future.get(2 * timing().signal().toMillis(), TimeUnit.MILLISECONDS);
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AntiphonException failure) {
                return failure;
            }
            throw new AssertionError("failed with something that is no AntiphonException: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new AssertionError("did not end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
