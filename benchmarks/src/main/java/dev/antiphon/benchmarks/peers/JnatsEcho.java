package dev.antiphon.benchmarks.peers;

import io.nats.client.Connection;
import io.nats.client.Nats;
import java.time.Duration;

/** A plain jnats responder: one dispatcher that publishes each body back. */
final class JnatsEcho {

    static final String SUBJECT = "bench.echo";
    static final Duration FLUSH_LIMIT = Duration.ofSeconds(5);

    private final Connection connection;

    JnatsEcho(String url) throws Exception {
        connection = Nats.connect(url);
        connection
                .createDispatcher(request -> connection.publish(request.getReplyTo(), request.getData()))
                .subscribe(SUBJECT);
        connection.flush(FLUSH_LIMIT);
    }
}
