package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.DisconnectPolicy;
import dev.antiphon.Message;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule E3, without threads: when timers fire, and what arming and disarming leaves. */
class TimerWheelTest {

    private static final long TICK = TimerWheel.TICK_NANOS;
    private static final long REVOLUTION = TICK * TimerWheel.BUCKETS;

    private final RequesterFixture fixture = new RequesterFixture(200_000, OverloadPolicy.WAIT);

    @ParameterizedTest
    @ValueSource(longs = {1, TICK - 1, TICK, TICK + 1, 5 * TICK + 7, REVOLUTION - 1, REVOLUTION, REVOLUTION + 1})
    void timer_tickedOften_firesWithinOneTickAndNeverEarly(long timeout) {
        firesBetween(timeout, TICK / 7);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, TICK + 1, REVOLUTION - TICK, 3 * REVOLUTION + 5})
    void timer_clockAtAnOddTime_firesWithinOneTickAndNeverEarly(long timeout) {
        fixture.advance(Duration.ofNanos(12_345_677));

        firesBetween(timeout, TICK / 3);
    }

    private void firesBetween(long timeout, long step) {
        PendingCall call = request(timeout);
        long start = fixture.clock.getAsLong();
        while (!call.isDone()) {
            fixture.advance(Duration.ofNanos(step));
            assertThat(fixture.clock.getAsLong() - start).as("time of the end").isLessThan(timeout + TICK + step);
        }
        assertThat(fixture.clock.getAsLong() - start).as("not early").isGreaterThanOrEqualTo(timeout);
    }

    @Test
    void timer_manyRevolutionsAway_firesInTheRightOne() {
        PendingCall day = request(TimeUnit.HOURS.toNanos(24));

        fixture.advance(Duration.ofHours(24).minusNanos(1));
        assertThat(day.isDone()).isFalse();

        fixture.advance(Duration.ofMillis(2));
        assertThat(day.isDone()).isTrue();
    }

    @Test
    void timer_wheelHeldUpForRevolutions_firesAllThatIsDueAndNothingElse() {
        PendingCall early = request(3 * TICK);
        PendingCall late = request(2 * REVOLUTION + TICK);
        PendingCall later = request(4 * REVOLUTION);

        fixture.advance(Duration.ofNanos(3 * REVOLUTION + 11));

        assertThat(List.of(early.isDone(), late.isDone(), later.isDone())).containsExactly(true, true, false);
        assertThat(fixture.requester.timersArmed()).isEqualTo(1);
    }

    @Test
    void advance_clockStandsStill_firesNothing() {
        PendingCall call = request(TICK);

        fixture.advance(Duration.ZERO);
        fixture.advance(Duration.ZERO);

        assertThat(call.isDone()).isFalse();
    }

    @Test
    void arm_callThatHasEnded_linksNothing() {
        TimerWheel wheel = new TimerWheel(0);
        PendingCall call = unarmed(5 * TICK);
        call.cancel();

        wheel.arm(call);

        assertThat(wheel.size()).isZero();
        wheel.advance(10 * TICK);
        assertThat(call.ending()).isEqualTo(Ending.CANCELLED);
    }

    @Test
    void disarm_unarmedOrTwice_changesNothing() {
        TimerWheel wheel = new TimerWheel(0);
        PendingCall armed = unarmed(5 * TICK);
        PendingCall other = unarmed(5 * TICK);
        wheel.arm(armed);

        wheel.disarm(other);
        assertThat(wheel.size()).isEqualTo(1);

        wheel.disarm(armed);
        wheel.disarm(armed);
        assertThat(wheel.size()).isZero();
        wheel.advance(10 * TICK);
        assertThat(armed.isEnded()).isFalse();
    }

    @Test
    void disarm_inAnyOrder_leavesTheOthersOfItsBucket() {
        TimerWheel wheel = new TimerWheel(0);
        List<PendingCall> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(unarmed(5 * TICK));
            wheel.arm(calls.get(i));
        }
        wheel.disarm(calls.get(4));
        wheel.disarm(calls.get(0));
        wheel.disarm(calls.get(2));

        assertThat(wheel.size()).isEqualTo(2);
        wheel.advance(6 * TICK);
        assertThat(calls.stream().map(PendingCall::isEnded)).containsExactly(false, true, false, true, false);
        assertThat(wheel.size()).isZero();
    }

    @Test
    void timers_100000WithOthersPending_fireInTheirTicks() {
        Random random = new Random(42);
        long[] end = new long[1];
        List<Long> errors = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            request(TimeUnit.MINUTES.toNanos(5));
        }
        for (int i = 0; i < 50_000; i++) {
            long timeout = 1L + random.nextInt(1_000_000_000);
            long due = fixture.clock.getAsLong() + timeout;
            request(timeout).whenComplete((reply, failure) -> errors.add(end[0] - due));
        }

        for (int i = 0; i <= 501; i++) {
            end[0] = fixture.clock.getAsLong() + TICK;
            fixture.advance(Duration.ofNanos(TICK));
        }

        assertThat(errors).hasSize(50_000).allSatisfy(error -> assertThat(error).isBetween(0L, TICK));
        assertThat(fixture.requester.timersArmed()).isEqualTo(50_000);
        assertThat(fixture.requester.tableEntries()).isEqualTo(50_000);
    }

    private PendingCall request(long timeout) {
        return fixture.request(RequestOptions.timeout(Duration.ofNanos(timeout)));
    }

    /** A call in flight that is in nobody's wheel. */
    private PendingCall unarmed(long deadline) {
        return new PendingCall(
                fixture.requester, "subject", Message.empty(), deadline, deadline, DisconnectPolicy.FAIL);
    }
}
