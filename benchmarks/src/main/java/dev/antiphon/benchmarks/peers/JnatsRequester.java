package dev.antiphon.benchmarks.peers;

import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** {@code Connection.request} of jnats. */
final class JnatsRequester implements Requester {

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

    private final Connection connection;

    private JnatsRequester(Connection connection) {
        this.connection = connection;
    }

    /** With the flush that jnats forces for each request unless told otherwise. */
    static JnatsRequester asItComes(String url) throws IOException, InterruptedException {
        return new JnatsRequester(Nats.connect(url));
    }

    /** Without that flush. */
    static JnatsRequester withoutFlush(String url) throws IOException, InterruptedException {
        return new JnatsRequester(Nats.connect(
                Options.builder().server(url).dontForceFlushOnRequest().build()));
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        BiConsumer<Message, Throwable> done = (reply, failure) -> {
            if (failure == null) {
                answer.replied(reply.getData().length);
            } else {
                answer.failed(failure);
            }
        };
        return () -> {
            CompletionStage<Message> reply = connection.request(JnatsEcho.SUBJECT, body);
            reply.whenComplete(done);
        };
    }

    @Override
    public int call(byte[] body) throws InterruptedException {
        Message reply = connection.request(JnatsEcho.SUBJECT, body, CALL_TIMEOUT);
        if (reply == null) {
            throw new IllegalStateException("no reply within " + CALL_TIMEOUT);
        }
        return reply.getData().length;
    }
}
