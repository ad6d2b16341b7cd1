package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.InboundMessage.Settlement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule E9: the remaining time travels, is looked at before a handler runs, and is inherited. */
class BudgetTest {

    private final ManualClock clock = new ManualClock();
    private final Engine engine = start();

    private Engine start() {
        Setup setup = new Setup();
        setup.clock = clock;
        setup.requestTimeout = Duration.ofSeconds(5);
        setup.requestInterceptors.add((request, next) -> next.proceed(request).exceptionallyCompose(failure -> {
            return request.subject().equals("retried")
                    ? next.proceed(request)
                    : CompletableFuture.failedFuture(failure);
        }));
        return setup.start();
    }

    @AfterEach
    void close() {
        engine.close();
    }

    @ParameterizedTest
    @CsvSource({"PT0.25S,250", "PT5S,5000", "PT0.0000001S,1", "PT1.0000001S,1001", "PT24H,86400000"})
    void request_timeout_travelsInMillisRoundedUp(Duration timeout, String budget) {
        engine.request(RequestOptions.timeout(timeout));

        SentRequest sent = engine.transport.nextRequest();
        assertThat(sent.budget()).isEqualTo(budget);
        assertThat(sent.outbound().timeToLiveNanos()).isEqualTo(timeout.toNanos());
    }

    @Test
    void request_withHeadersOfItsOwn_keepsThem() {
        engine.messenger.request("subject", Message.of("x").withHeader("a", "1"));

        Message sent = engine.transport.nextRequest().outbound().message();
        assertThat(sent.header("a")).contains("1");
        assertThat(sent.header(ControlHeaders.BUDGET)).contains("5000");
    }

    @Test
    void handler_withBudget_seesWhatIsLeft() {
        CompletableFuture<Optional<Duration>> atFirst = new CompletableFuture<>();
        CompletableFuture<Optional<Duration>> later = new CompletableFuture<>();
        CompletableFuture<Optional<Duration>> tooLate = new CompletableFuture<>();
        ScriptedSubscription work = engine.respond(request -> {
            atFirst.complete(request.remaining());
            clock.advance(Duration.ofMillis(300));
            later.complete(request.remaining());
            clock.advance(Duration.ofSeconds(1));
            tooLate.complete(request.remaining());
            return null;
        });

        work.request("x", 1000);

        assertThat(Latches.get(atFirst)).contains(Duration.ofSeconds(1));
        assertThat(Latches.get(later)).contains(Duration.ofMillis(700));
        assertThat(Latches.get(tooLate)).contains(Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+5", "1.5", "5s", "abc", "9999999999999", " 5", "\u0661"})
    void handler_unreadableBudget_hasNoDeadline(String budget) {
        CompletableFuture<Optional<Duration>> remaining = new CompletableFuture<>();
        ScriptedSubscription work = engine.respond(request -> {
            remaining.complete(request.remaining());
            return null;
        });

        Message message = Message.of("x").withHeaders(dev.antiphon.Headers.received(ControlHeaders.BUDGET, budget));
        work.deliver(new ScriptedDelivery("work", message, true)).reply();

        assertThat(Latches.get(remaining)).isEmpty();
    }

    @Test
    void request_expiredWhenItsTurnComes_isNotHandledAndCounted() {
        CompletableFuture<Void> handled = new CompletableFuture<>();
        ScriptedSubscription work = engine.respond(request -> {
            handled.complete(null);
            return null;
        });

        ScriptedDelivery delivery = work.request("x", 0);

        engine.until(() -> engine.stats().requestsExpired() == 1);
        engine.until(() -> engine.stats().handlersRunning() == 0);
        assertThat(handled).isNotDone();
        assertThat(delivery.replies).isEmpty();
        assertThat(delivery.settlements).containsExactly(Settlement.ACCEPT);
        assertThat(engine.stats().requestsAnswered()).isZero();
    }

    @Test
    void nested_withinTheHandler_inheritsWhatIsLeft() {
        assertThat(nestedBudget(700, request -> RequestOptions.DEFAULTS)).isEqualTo("700");
    }

    @Test
    void nested_withAShorterTimeout_keepsIt() {
        assertThat(nestedBudget(700, request -> RequestOptions.timeout(Duration.ofMillis(100))))
                .isEqualTo("100");
    }

    @Test
    void nested_withALongerTimeout_isCutOff() {
        assertThat(nestedBudget(700, request -> RequestOptions.timeout(Duration.ofHours(1))))
                .isEqualTo("700");
    }

    @Test
    void nested_parentHasNoBudget_keepsItsOwn() {
        engine.respond(request -> {
                    engine.request();
                    return null;
                })
                .request("x");

        assertThat(engine.transport.nextRequest().budget()).isEqualTo("5000");
    }

    @Test
    void nested_onAnotherThreadWithParent_inherits() {
        engine.respond(request -> {
                    RequestOptions options = RequestOptions.DEFAULTS.withParent(request);
                    Latches.get(Background.run(() -> engine.request(options)));
                    return null;
                })
                .request("x", 700);

        assertThat(engine.transport.nextRequest().budget()).isEqualTo("700");
    }

    @Test
    void nested_onAnotherThreadWithoutParent_doesNotInherit() {
        engine.respond(request -> {
                    Latches.get(Background.run(engine::request));
                    return null;
                })
                .request("x", 700);

        assertThat(engine.transport.nextRequest().budget()).isEqualTo("5000");
    }

    @Test
    void nested_parentDecoratedByAnInterceptor_inherits() {
        engine.respond(request -> {
                    RequestOptions options = RequestOptions.DEFAULTS.withParent(new Decorated(request));
                    Latches.get(Background.run(() -> engine.request(options)));
                    return null;
                })
                .request("x", 700);

        assertThat(engine.transport.nextRequest().budget()).isEqualTo("700");
    }

    @Test
    void nested_retriedByAnInterceptor_inheritsAgain() {
        engine.respond(request -> {
                    engine.messenger.request("retried", Message.empty());
                    return null;
                })
                .request("x", 700)
                .reply();
        SentRequest first = engine.transport.nextRequest();
        clock.advance(Duration.ofMillis(200));

        first.noResponders();

        assertThat(first.budget()).isEqualTo("700");
        assertThat(engine.transport.nextRequest().budget()).isEqualTo("500");
    }

    @Test
    void request_afterTheHandler_doesNotInheritAnyMore() {
        ScriptedSubscription work =
                engine.respond(request -> null, dev.antiphon.RespondOptions.DEFAULTS.withSameThread(true));
        work.request("x", 700);

        engine.request();

        assertThat(engine.transport.nextRequest().budget()).isEqualTo("5000");
    }

    private String nestedBudget(long millis, java.util.function.Function<Request, RequestOptions> options) {
        engine.respond(request -> {
                    engine.request(options.apply(request));
                    return null;
                })
                .request("x", millis);
        return engine.transport.nextRequest().budget();
    }

    /** As an interceptor may wrap the request it hands on. */
    private record Decorated(Request request) implements Request {
        @Override
        public String subject() {
            return request.subject();
        }

        @Override
        public Message message() {
            return request.message();
        }

        @Override
        public boolean expectsReply() {
            return request.expectsReply();
        }

        @Override
        public Optional<Duration> remaining() {
            return request.remaining();
        }

        @Override
        public void noReply() {
            request.noReply();
        }
    }
}
