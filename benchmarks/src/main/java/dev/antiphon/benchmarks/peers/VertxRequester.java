package dev.antiphon.benchmarks.peers;

import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import java.util.concurrent.CompletableFuture;

/**
 * The Vert.x event bus. Vert.x gives each plain thread that uses it an event loop: the consumer is registered on one
 * thread, and requests are sent on the event loop of another. Two verticles in the place of the two threads were tried
 * and are slower.
 */
final class VertxRequester implements Requester {

    private static final String ADDRESS = "bench.echo";

    private final EventBus bus;
    private final Context context;

    private VertxRequester(Vertx vertx, Context context) {
        this.context = context;
        bus = vertx.eventBus();
        join(bus.<byte[]>localConsumer(ADDRESS, message -> message.reply(message.body()))
                .completion());
    }

    /** Requester and consumer on two event loops: each request changes threads twice. */
    static VertxRequester twoLoops() {
        Vertx vertx = Vertx.vertx();
        Context other = CompletableFuture.supplyAsync(vertx::getOrCreateContext).join();
        return new VertxRequester(vertx, other);
    }

    /** Both on one event loop: little more than a method call. */
    static VertxRequester oneLoop() {
        Vertx vertx = Vertx.vertx();
        return new VertxRequester(vertx, vertx.getOrCreateContext());
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        Handler<AsyncResult<Message<byte[]>>> done = result -> {
            if (result.succeeded()) {
                answer.replied(result.result().body().length);
            } else {
                answer.failed(result.cause());
            }
        };
        return () -> bus.<byte[]>request(ADDRESS, body).onComplete(done);
    }

    @Override
    public int call(byte[] body) {
        return join(bus.<byte[]>request(ADDRESS, body)).body().length;
    }

    @Override
    public void begin(Runnable firstRequests) {
        context.runOnContext(nothing -> firstRequests.run());
    }

    private static <T> T join(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
