package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.RemoteException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** However a call ends, everything it took is given back: rule E1, each exit with each clean-up. */
class RequestEndingsTest {

    private final RequesterFixture fixture = new RequesterFixture();

    static Stream<Arguments> exitsAndCleanUps() {
        return Stream.of(Exit.values())
                .flatMap(exit -> Stream.of(CleanUp.values()).map(cleanUp -> Arguments.of(exit, cleanUp)));
    }

    @AfterEach
    void nothingIsHeld() {
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
        assertThat(fixture.requester.leaked()).isZero();
    }

    @ParameterizedTest
    @MethodSource("exitsAndCleanUps")
    void exit_leaves(Exit exit, CleanUp cleanUp) {
        PendingCall call = exit.script.play(fixture);

        cleanUp.check(exit, fixture, call);
    }

    @ParameterizedTest
    @EnumSource
    void exit_happensOnce(Exit exit) {
        PendingCall call = exit.script.play(fixture);
        Object first = outcome(call);

        fixture.requester.onReply(call.correlationId(), Exit.surplus());
        fixture.requester.onNoResponders(call.correlationId());
        call.onFailed(new AntiphonException(ErrorCode.INTERNAL, "late"));
        call.onSent();
        fixture.requester.replyAddressLost();
        fixture.advance(RequesterFixture.TIMEOUT.multipliedBy(2));
        fixture.requester.close(new AntiphonException(ErrorCode.CLOSED, "closed"));

        assertThat(outcome(call)).isSameAs(first);
        assertThat(fixture.counters.repliesReceived.sum() + fixture.counters.endedWithoutReply())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void exit_completesDependentsOnTheCompletionExecutor(Exit exit) {
        fixture.transport.onRequest = fixture.transport::keepAndConfirm;
        List<Thread> threads = new CopyOnWriteArrayList<>();

        PendingCall call = exit.script.play(fixture);
        int tasksBefore = fixture.completions.tasks.get();
        call.whenComplete((reply, failure) -> threads.add(Thread.currentThread()));

        assertThat(threads).as("run at once, as the call has ended").containsExactly(Thread.currentThread());
        assertThat(fixture.completions.tasks).hasValue(tasksBefore);
    }

    @Test
    void timeout_sendNotConfirmed_mayHaveBeenExecuted() {
        PendingCall call = Exit.SEND_NEVER_ENDS.script.play(fixture);

        assertThat((AntiphonException) outcome(call))
                .returns(ErrorCode.TIMEOUT, AntiphonException::code)
                .returns(true, AntiphonException::mayHaveExecuted);
    }

    @Test
    void cancel_sendNotConfirmed_mayHaveBeenExecuted() {
        fixture.transport.onRequest = sent -> {};
        PendingCall call = fixture.request();

        call.cancel();

        assertThat(((AntiphonException) outcome(call)).mayHaveExecuted()).isTrue();
    }

    @Test
    void end_dependentsAddedBefore_runOnceOnTheCompletionExecutor() {
        PendingCall call = fixture.request();
        List<String> replies = new CopyOnWriteArrayList<>();
        call.thenAccept(reply -> replies.add(reply.text()));

        fixture.sent().reply("reply");

        assertThat(replies).containsExactly("reply");
        assertThat(fixture.completions.tasks).hasValue(1);
    }

    @Test
    void end_nobodyDepends_costsNoTask() {
        PendingCall call = fixture.request();

        fixture.sent().reply("reply");

        assertThat(call.isDone()).isTrue();
        assertThat(fixture.completions.tasks).hasValue(0);
    }

    @Test
    void errorReply_remoteCode_reachesTheCaller() {
        PendingCall call = fixture.request();

        fixture.sent().reply(ControlCodec.errorReply(new RemoteException("OUT_OF_STOCK", "none left: 100 %\u00e4\n")));

        assertThat(outcome(call)).isInstanceOfSatisfying(RemoteException.class, failure -> {
            assertThat(failure.remoteCode()).isEqualTo("OUT_OF_STOCK");
            assertThat(failure.remoteMessage()).isEqualTo("none left: 100 %\u00e4\n");
            assertThat(failure.requestId()).isEqualTo(call.id());
        });
    }

    @Test
    void join_failure_showsTheCallersStack() {
        PendingCall call = fixture.request();
        fixture.sent().noResponders();

        assertThatThrownBy(call::join)
                .satisfies(thrown -> assertThat(thrown.getStackTrace())
                        .anySatisfy(frame ->
                                assertThat(frame.getMethodName()).isEqualTo("join_failure_showsTheCallersStack")));
    }

    /** The reply, or the failure that dependents see. */
    private static Object outcome(PendingCall call) {
        return call.handle((reply, failure) -> failure == null ? (Object) reply : failure)
                .toCompletableFuture()
                .join();
    }
}
