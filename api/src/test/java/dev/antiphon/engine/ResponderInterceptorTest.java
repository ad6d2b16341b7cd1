package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.ResponderInterceptor;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Interceptors around handlers. */
class ResponderInterceptorTest {

    private final List<String> log = new CopyOnWriteArrayList<>();

    private ResponderInterceptor logging(String name) {
        return (request, next) -> {
            log.add(name + " in " + request.text());
            return next.proceed(request).thenApply(reply -> {
                log.add(name + " back");
                return Objects.requireNonNull(reply).withHeader(name, "seen");
            });
        };
    }

    private static Engine engine(ResponderInterceptor... interceptors) {
        Setup setup = new Setup();
        setup.responderInterceptors.addAll(List.of(interceptors));
        return setup.start();
    }

    @Test
    void interceptors_several_runInTheOrderTheyWereAdded() {
        try (Engine engine = engine(logging("outer"), logging("inner"))) {
            ScriptedDelivery delivery = engine.respond(request -> {
                        log.add("handler");
                        return Message.of("reply");
                    })
                    .request("x");

            assertThat(delivery.reply().headers().names()).containsExactly("inner", "outer");
            assertThat(log).containsExactly("outer in x", "inner in x", "handler", "inner back", "outer back");
        }
    }

    @Test
    void interceptors_asynchronousHandler_waitForItsEnd() {
        try (Engine engine = engine(logging("one"))) {
            CompletableFuture<Message> answer = new CompletableFuture<>();
            engine.messenger.respondAsync("work", request -> answer);
            ScriptedDelivery delivery = engine.transport.lastSubscription().request("x");
            engine.until(() -> log.size() == 1);

            answer.complete(Message.of("later"));

            assertThat(delivery.reply().header("one")).contains("seen");
        }
    }

    @Test
    void interceptor_refuses_theHandlerDoesNotRun() {
        ResponderInterceptor guard = (request, next) -> {
            throw new RemoteException("FORBIDDEN", "not you");
        };
        try (Engine engine = engine(guard)) {
            ScriptedDelivery delivery = engine.respond(request -> {
                        log.add("handler");
                        return null;
                    })
                    .request("x");

            RemoteException failure = (RemoteException) Objects.requireNonNull(ControlCodec.error(delivery.reply()));
            assertThat(failure.remoteCode()).isEqualTo("FORBIDDEN");
            assertThat(log).isEmpty();
        }
    }

    @Test
    void interceptor_answersItself_theHandlerDoesNotRun() {
        try (Engine engine = engine((request, next) -> CompletableFuture.completedFuture(Message.of("cached")))) {
            ScriptedDelivery delivery = engine.respond(request -> {
                        throw new AssertionError("not to be called");
                    })
                    .request("x");

            assertThat(delivery.reply().text()).isEqualTo("cached");
        }
    }

    @Test
    void handler_throwsBehindAnInterceptor_canBeAnswered() {
        ResponderInterceptor translating = (request, next) -> {
            try {
                return next.proceed(request);
            } catch (IllegalStateException e) {
                return CompletableFuture.completedFuture(Message.of("recovered"));
            }
        };
        try (Engine engine = engine(translating)) {
            ScriptedDelivery delivery = engine.respond(request -> {
                        throw new IllegalStateException("broken");
                    })
                    .request("x");

            assertThat(delivery.reply().text()).isEqualTo("recovered");
        }
    }
}
