package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerStats;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.TcpProxy;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A requester and a responder behind a proxy, with requests always in flight. */
final class CutLoad implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Messenger responder;
    private final Messenger requester;
    private final String subject;
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger replies = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final Queue<AntiphonException> odd = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> load;
    private volatile boolean enough;

    private CutLoad(TcpProxy proxy, String subject, String name) {
        this.subject = subject;
        String url = "amqp://" + proxy.address().getHostString() + ":" + proxy.port();
        responder = messenger(url, name);
        requester = messenger(url, name);
        responder.respond(subject, request -> request.message());
        load = CompletableFuture.runAsync(this::run);
    }

    static CutLoad start(TcpProxy proxy, RabbitBroker broker, String subject, String name) {
        assertThat(broker.inspector().connectionCount(name)).isZero();
        return new CutLoad(proxy, subject, name);
    }

    private static Messenger messenger(String url, String name) {
        return Messenger.builder()
                .url(url)
                .name(name)
                .option("reconnect-wait", "10ms")
                .requestTimeout(Duration.ofSeconds(2))
                .maxInFlight(64)
                .connect();
    }

    private void run() {
        while (!enough) {
            Call call = requester.request(subject, Message.of(Integer.toString(made.incrementAndGet())));
            call.whenComplete((reply, failure) -> {
                if (failure == null) {
                    replies.incrementAndGet();
                } else {
                    failures.incrementAndGet();
                    count((AntiphonException) failure);
                }
            });
            if (made.get() % 16 == 0) {
                call.toCompletableFuture().handle((reply, failure) -> null).join();
            }
        }
    }

    private void count(AntiphonException failure) {
        switch (failure.code()) {
            case TIMEOUT, CONNECTION_LOST, NOT_CONNECTED, NO_RESPONDERS -> {
                // what a cut may do
            }
            default -> odd.add(failure);
        }
    }

    void awaitReplies(int more) {
        int before = replies.get();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(replies.get()).isGreaterThan(before + more));
    }

    /** Ends the load: every request must have ended once, and the next one be answered. */
    void stop() {
        enough = true;
        load.join();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(replies.get() + failures.get()).isEqualTo(made.get()));
        assertThat(odd).isEmpty();
        MessengerStats stats = requester.stats();
        assertThat(stats.repliesReceived() + stats.timeouts() + stats.noResponders() + stats.requestsFailed())
                .isEqualTo(made.get());
        assertThat(stats.consistent()).isTrue();
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(AntiphonException.class) // the last cut may be a moment ago
                .untilAsserted(() -> assertThat(requester
                                .request(subject, Message.of("!"))
                                .join()
                                .text())
                        .isEqualTo("!"));
    }

    @Override
    public void close() {
        enough = true;
        requester.close();
        responder.close();
    }
}
