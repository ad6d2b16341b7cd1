package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Each way in which a call that was in the table can end. */
@SuppressWarnings("ImmutableEnumChecker") // scripts are lambdas without state
enum Exit {
    REPLY(null, after((fixture, call) -> fixture.sent().reply("reply"))),
    ERROR_REPLY(
            ErrorCode.REMOTE,
            after((fixture, call) ->
                    fixture.sent().reply(ControlCodec.errorReply(new IllegalStateException("broken"))))),
    TIMEOUT(ErrorCode.TIMEOUT, after((fixture, call) -> fixture.advance(RequesterFixture.TIMEOUT.plusMillis(2)))),
    NO_RESPONDERS(
            ErrorCode.NO_RESPONDERS, after((fixture, call) -> fixture.sent().noResponders())),
    CANCEL(
            ErrorCode.CANCELLED,
            after((fixture, call) -> assertThat(call.cancel()).isTrue())),
    CANCEL_OF_FUTURE(
            ErrorCode.CANCELLED,
            after((fixture, call) ->
                    assertThat(call.toCompletableFuture().cancel(false)).isTrue())),
    INTERRUPT_OF_JOIN(ErrorCode.CANCELLED, after(Exit::joinInterrupted)),
    SEND_THROWS(ErrorCode.PERMISSION_DENIED, sending(sent -> {
        throw ScriptedTransport.failure(ErrorCode.PERMISSION_DENIED);
    })),
    SEND_THROWS_A_DEFECT(ErrorCode.INTERNAL, sending(sent -> {
        throw new IllegalStateException("a defect");
    })),
    SEND_FAILS_AT_ONCE(ErrorCode.TOO_LARGE, sending(sent -> sent.fail(ErrorCode.TOO_LARGE))),
    SEND_FAILS_TWICE(ErrorCode.TOO_LARGE, sending(sent -> {
        sent.fail(ErrorCode.TOO_LARGE);
        sent.fail(ErrorCode.PERMISSION_DENIED);
    })),
    SEND_FAILS_LATE(
            ErrorCode.CONNECTION_LOST,
            keptThen((fixture, call) -> fixture.sent().fail(ErrorCode.CONNECTION_LOST))),
    SEND_NEVER_ENDS(
            ErrorCode.TIMEOUT, keptThen((fixture, call) -> fixture.advance(RequesterFixture.TIMEOUT.plusMillis(2)))),
    CONNECTION_LOST(ErrorCode.CONNECTION_LOST, after((fixture, call) -> fixture.state(ConnectionState.RECONNECTING))),
    REPLY_ADDRESS_MOVED(ErrorCode.CONNECTION_LOST, after((fixture, call) -> fixture.transport.moveChannel())),
    CLOSE(
            ErrorCode.CLOSED,
            after((fixture, call) -> fixture.requester.close(new AntiphonException(ErrorCode.CLOSED, "closed"))));

    /** Makes a call and lets it end in this way. */
    interface Script {
        PendingCall play(RequesterFixture fixture);
    }

    /** The code it fails with, or null when it is answered. */
    final @Nullable ErrorCode code;

    final Script script;

    Exit(@Nullable ErrorCode code, Script script) {
        this.code = code;
        this.script = script;
    }

    boolean replied() {
        return this == REPLY || this == ERROR_REPLY;
    }

    /** The request is sent and confirmed; then it happens. */
    private static Script after(BiConsumer<RequesterFixture, PendingCall> end) {
        return fixture -> {
            PendingCall call = fixture.request();
            assertThat(call.isDone()).isFalse();
            end.accept(fixture, call);
            return call;
        };
    }

    /** The request is sent and not confirmed; then it happens. */
    private static Script keptThen(BiConsumer<RequesterFixture, PendingCall> end) {
        return fixture -> {
            fixture.transport.onRequest = fixture.transport.requests::add;
            return after(end).play(fixture);
        };
    }

    /** It happens during the send. */
    private static Script sending(Consumer<SentRequest> send) {
        return fixture -> {
            fixture.transport.onRequest = sent -> {
                fixture.transport.requests.add(sent);
                assertThat(fixture.holds()).isEqualTo("1 entries, 1 timers, 1 permits");
                send.accept(sent);
            };
            return fixture.request();
        };
    }

    private static void joinInterrupted(RequesterFixture fixture, PendingCall call) {
        Thread.currentThread().interrupt();
        assertThatThrownBy(call::join)
                .isInstanceOfSatisfying(
                        AntiphonException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(Thread.interrupted()).as("the flag is restored").isTrue();
    }

    static Message surplus() {
        return Message.of("surplus");
    }
}
