package dev.antiphon.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SendRoomTest {

    private final SendRoom room = new SendRoom(400_000);

    @Test
    void has_whatWasWrittenAndNotAnswered_countsAgainstTheBuffer() {
        assertThat(room.has(90_000)).isTrue();
        assertThat(room.has(100_000)).isFalse();
        room.wrote(60_000);
        assertThat(room.has(30_000)).isTrue();
        assertThat(room.has(60_000)).isFalse();
    }

    @Test
    void has_afterManySmallWrites_isUsedUpByTheirOverhead() {
        int writes = 0;
        while (room.has(1)) {
            room.wrote(1);
            writes++;
        }
        assertThat(writes).isBetween(30, 60);
    }

    @Test
    void ask_onceTheHalfIsUsed_onceUntilTheAnswer() {
        assertThat(room.ask()).isZero();
        room.wrote(60_000);
        long ping = room.ask();
        assertThat(ping).isPositive();
        assertThat(room.ask()).isZero();
        room.wrote(20_000);

        room.answered(ping);

        assertThat(room.has(70_000)).isTrue();
        assertThat(room.has(80_000)).isFalse();
        room.wrote(40_000);
        assertThat(room.ask()).isPositive();
    }
}
