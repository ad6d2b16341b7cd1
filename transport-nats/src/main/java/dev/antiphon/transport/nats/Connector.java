package dev.antiphon.transport.nats;

import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportThreads;
import io.nats.client.Connection;
import io.nats.client.Nats;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the first connection: one round over the servers. When the server refuses us the native client waits for the
 * whole of its time limit; this ends the attempt at once.
 */
final class Connector {

    private final TransportConfig config;
    private final TransportThreads threads;
    private final NatsLink link;
    private final ClientListener client;
    private @Nullable NatsPort attempt;

    Connector(TransportConfig config, TransportThreads threads, NatsLink link) {
        this.config = config;
        this.threads = threads;
        this.link = link;
        client = new ClientListener(link);
    }

    /** Connects, and tells the link how that ended. Blocks. */
    void connect() {
        try {
            Connection made = Nats.connect(ClientOptions.of(config, threads, client));
            if (link.connected(made) && made.getStatus() == Connection.Status.CLOSED) {
                failed(null);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            failed(e);
        }
    }

    /** Waits for the events of the native client that are on the way: they tell why. */
    private void failed(@Nullable Throwable thrown) {
        threads.events()
                .execute(() -> link.startFailed(
                        refusal -> ConnectFailure.of(config.toString(), thrown, client.collected(), refusal)));
    }

    /** What the native client told last. */
    @Nullable
    Throwable lastProblem() {
        return client.last();
    }

    /** The native client tries to connect with this port. */
    synchronized void attempting(NatsPort with) {
        attempt = with;
    }

    /** A server broke off before it took us in. With one server there is no other to try, unless this is a reconnect. */
    void brokenOff(@Nullable IOException cause) {
        if (cause != null) {
            client.collect(cause);
        }
        if (config.addresses().size() == 1 && link.isConnecting()) {
            giveUp();
        }
    }

    /** A server says why it does not take us in. */
    void told(Exception why) {
        client.collect(why);
    }

    /** Ends the attempt that is going on. */
    void giveUp() {
        Connection trying;
        synchronized (this) {
            trying = attempt == null ? null : attempt.client();
        }
        if (trying != null) {
            threads.pool().execute(() -> close(trying));
        }
    }

    /** Closes a connection of the native client. Blocks. */
    static void close(Connection made) {
        try {
            made.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
