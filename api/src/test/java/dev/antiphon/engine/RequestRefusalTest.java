package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Calls that end before they are in the table: nothing is sent and nothing is held. */
class RequestRefusalTest {

    private static final RequestOptions SHORT = RequestOptions.timeout(Duration.ofMillis(20));

    @Test
    void request_atTheLimitWithReject_failsAtOnce() {
        RequesterFixture fixture = new RequesterFixture(1, OverloadPolicy.REJECT);
        Call first = fixture.request();

        PendingCall second = fixture.request();

        refused(fixture, second, ErrorCode.RESOURCE_EXHAUSTED);
        assertThat(first.isDone()).isFalse();
        fixture.sent().reply("reply");
        assertThat(fixture.request().isDone()).as("there is room again").isFalse();
    }

    @Test
    void request_atTheLimitWithWait_timesOut() {
        RequesterFixture fixture = new RequesterFixture(1, OverloadPolicy.WAIT);
        fixture.request();

        PendingCall second = fixture.request(SHORT);

        refused(fixture, second, ErrorCode.TIMEOUT);
    }

    @Test
    void request_atTheLimitWithWait_goesOnWhenThereIsRoom() throws Exception {
        RequesterFixture fixture = new RequesterFixture(1, OverloadPolicy.WAIT);
        fixture.request();
        SentRequest first = fixture.sent();
        CompletableFuture<PendingCall> second = whenWaiting(fixture);

        first.reply("reply");

        PendingCall call = second.get(10, TimeUnit.SECONDS);
        fixture.sent().reply("second");
        assertThat(call.join().text()).isEqualTo("second");
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
    }

    @Test
    void request_interruptedAtTheLimit_isCancelledAndKeepsTheFlag() {
        RequesterFixture fixture = new RequesterFixture(1, OverloadPolicy.WAIT);
        fixture.request();

        Thread.currentThread().interrupt();
        PendingCall second = fixture.request();

        assertThat(Thread.interrupted()).isTrue();
        refused(fixture, second, ErrorCode.CANCELLED);
    }

    @Test
    void request_waitingAtTheLimit_isClosedWithTheMessenger() throws Exception {
        RequesterFixture fixture = new RequesterFixture(1, OverloadPolicy.WAIT);
        fixture.request();
        CompletableFuture<PendingCall> second = whenWaiting(fixture);

        fixture.requester.close(new AntiphonException(ErrorCode.CLOSED, "closed"));

        assertThat(codeOf(second.get(10, TimeUnit.SECONDS))).isEqualTo(ErrorCode.CLOSED);
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
    }

    @Test
    void request_thereIsRoomOnlyAfterItsDeadline_timesOutUnsent() throws Exception {
        RequesterFixture fixture = new RequesterFixture(1, OverloadPolicy.WAIT);
        fixture.request(RequestOptions.timeout(Duration.ofHours(1)));
        SentRequest first = fixture.sent();
        CompletableFuture<PendingCall> second = whenWaiting(fixture);

        fixture.advance(Duration.ofSeconds(31)); // its bucket of the timer wheel is visited before it is in there
        first.reply("reply");

        PendingCall call = second.get(10, TimeUnit.SECONDS);
        assertThat(codeOf(call)).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(fixture.transport.requests).isEmpty();
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
    }

    @Test
    void request_parentsDeadlinePassed_failsAtOnce() {
        Setup setup = new Setup();
        ManualClock clock = new ManualClock();
        setup.clock = clock;
        try (Engine engine = setup.start()) {
            CompletableFuture<Call> nested = new CompletableFuture<>();
            ScriptedSubscription work = engine.respond(request -> {
                clock.advance(Duration.ofMillis(100));
                nested.complete(engine.request());
                return null;
            });

            work.request("request", 100).reply();

            assertThatThrownBy(nested.join()::join).isInstanceOfSatisfying(AntiphonException.class, failure -> {
                assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
                assertThat(failure.mayHaveExecuted()).isFalse();
                assertThat(failure.getMessage()).contains("no time was left");
            });
            assertThat(engine.transport.requests).isEmpty();
            assertThat(engine.stats().permitsInUse()).isZero();
            assertThat(engine.stats().consistent()).isTrue();
        }
    }

    @Test
    void request_resendOfWhatIsNotIdempotent_isAnInvalidArgument() {
        RequesterFixture fixture = new RequesterFixture();

        assertThatThrownBy(() -> fixture.request(RequestOptions.DEFAULTS.withOnDisconnect(DisconnectPolicy.RESEND)))
                .isInstanceOfSatisfying(
                        AntiphonException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));

        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
    }

    /** Makes a request in another thread and returns when it waits for its permit. */
    private static CompletableFuture<PendingCall> whenWaiting(RequesterFixture fixture) throws Exception {
        CompletableFuture<Thread> waiting = new CompletableFuture<>();
        CompletableFuture<PendingCall> call = Background.supply(() -> {
            waiting.complete(Thread.currentThread());
            return fixture.request(RequestOptions.timeout(Duration.ofSeconds(30)));
        });
        Thread waiter = waiting.get(10, TimeUnit.SECONDS);
        Awaitility.await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
        return call;
    }

    private static void refused(RequesterFixture fixture, PendingCall call, ErrorCode code) {
        AntiphonException failure = catchThrowableOfType(AntiphonException.class, call::join);
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.mayHaveExecuted()).as("it was not sent").isFalse();
        assertThat(failure.requestId()).isEqualTo(call.id()).hasSize(11);
        assertThat(failure.subject()).isEqualTo("subject");
        assertThat(call.toCompletableFuture()).isDone();
        assertThat(fixture.holds()).as("the first one's").isEqualTo("1 entries, 1 timers, 1 permits");
        assertThat(fixture.transport.requests).as("only the first was sent").hasSize(1);
        assertThat(fixture.counters.endedWithoutReply()).isEqualTo(1);
        assertThat(fixture.counters.requestsSent.sum()).isEqualTo(1);
    }

    private static ErrorCode codeOf(PendingCall call) {
        return catchThrowableOfType(AntiphonException.class, call::join).code();
    }
}
