package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule E7 needs a memory, rule E8 wants it bounded. */
class TombstonesTest {

    private static final long NOW = Duration.ofDays(3).toNanos();

    private final Tombstones tombstones = new Tombstones(16);

    @ParameterizedTest
    @EnumSource
    void find_recorded_tellsHowItEnded(Ending ending) {
        tombstones.record(99, ending, NOW);

        assertThat(found(99, NOW).ending()).isEqualTo(ending);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1_000_000_000, 60_000_000_000L, 86_400_000_000_000L})
    void find_later_tellsHowLongAgoToWithinTwoMillis(long nanos) {
        tombstones.record(99, Ending.TIMED_OUT, NOW);

        assertThat(found(99, NOW + nanos).ago()).isBetween(nanos - 2_100_000, nanos + 2_100_000);
    }

    @Test
    void find_clockOverflowedMeanwhile_tellsHowLongAgo() {
        tombstones.record(99, Ending.TIMED_OUT, Long.MAX_VALUE - 10);

        assertThat(found(99, Long.MIN_VALUE + 5_000_000_000L).ago()).isBetween(4_990_000_000L, 5_010_000_000L);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE})
    void find_nothingRecorded_isNull(long id) {
        assertThat(tombstones.find(id, NOW)).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE})
    void find_anyId_isFoundAtTimeZero(long id) {
        tombstones.record(id, Ending.REPLIED, 0);

        assertThat(found(id, 0).ending()).isEqualTo(Ending.REPLIED);
    }

    @Test
    void find_anotherIdInTheSameSlot_isNull() {
        tombstones.record(99, Ending.TIMED_OUT, NOW);

        assertThat(tombstones.find(99 + (1L << 32), NOW)).isNull();
        assertThat(tombstones.find(99 + (1L << 63), NOW)).isNull();
    }

    @Test
    void record_slotTaken_overwritesTheOlder() {
        tombstones.record(99, Ending.TIMED_OUT, NOW);
        tombstones.record(99 + (1L << 40), Ending.CANCELLED, NOW);

        assertThat(tombstones.find(99, NOW)).isNull();
        assertThat(found(99 + (1L << 40), NOW).ending()).isEqualTo(Ending.CANCELLED);
    }

    @Test
    void record_moreThanItHolds_remembersAtLeastHalfOfTheLatest() {
        Tombstones many = new Tombstones(1024);
        SplittableRandom random = new SplittableRandom(7);
        long[] ids = random.longs(100_000).toArray();
        for (long id : ids) {
            many.record(id, Ending.TIMED_OUT, NOW);
        }

        long remembered = IntStream.range(ids.length - 1024, ids.length)
                .filter(i -> many.find(ids[i], NOW) != null)
                .count();
        assertThat(remembered).isGreaterThan(512);
    }

    @Test
    void find_whileOthersWriteTheSameSlots_isNeverWrong() throws Exception {
        // The ending of each id follows from the id: a mix of two would show.
        CompletableFuture<Void> writer = Background.run(() -> writeAndRead(1));
        writeAndRead(2);
        writer.get();
    }

    private void writeAndRead(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 500_000; i++) {
            // a few ids over the same few slots
            long mine = ((long) random.nextInt(8) << 40) | random.nextInt(4);
            tombstones.record(mine, endingOf(mine), NOW);
            long any = ((long) random.nextInt(8) << 40) | random.nextInt(4);
            Tombstones.Tombstone found = tombstones.find(any, NOW);
            assertThat(found == null || found.ending() == endingOf(any)).isTrue();
        }
    }

    private static Ending endingOf(long id) {
        return Ending.at((int) (id >>> 40) % Ending.values().length);
    }

    private Tombstones.Tombstone found(long id, long now) {
        return Objects.requireNonNull(tombstones.find(id, now));
    }
}
