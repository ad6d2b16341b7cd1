package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** A client of the broker's own kind. */
final class PlainClient implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(30);

    private final Connection nats;

    private PlainClient(Connection nats) {
        this.nats = nats;
    }

    static PlainClient of(NatsBroker broker) throws IOException, InterruptedException {
        return of(broker.nativeUrl(), options -> options);
    }

    static PlainClient of(String url, UnaryOperator<Options.Builder> more) throws IOException, InterruptedException {
        Options.Builder options = Options.builder()
                .server(url)
                // The one it has by default prints all that the tests provoke.
                .errorListener(new ErrorListener() {})
                .connectionTimeout(Duration.ofSeconds(5))
                .reconnectWait(Duration.ofMillis(20))
                .reconnectJitter(Duration.ofMillis(1))
                .maxReconnects(-1);
        return new PlainClient(Nats.connect(more.apply(options).build()));
    }

    Connection nats() {
        return nats;
    }

    String serverId() {
        return nats.getServerInfo().getServerId();
    }

    boolean connected() {
        return nats.getStatus() == Connection.Status.CONNECTED;
    }

    void flush() throws Exception {
        nats.flush(LIMIT);
    }

    /** A message goes to the server and comes back. */
    void assertServed() throws InterruptedException {
        Subscription subscription = nats.subscribe("hello");
        nats.publish("hello", "world".getBytes(UTF_8));
        Message message = subscription.nextMessage(LIMIT);
        assertThat(message).isNotNull();
        assertThat(message.getData()).asString(UTF_8).isEqualTo("world");
        subscription.unsubscribe();
    }

    @Override
    public void close() {
        try {
            nats.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
