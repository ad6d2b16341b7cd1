package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a messenger that is not heard of counts as gone. All times in milliseconds. */
class PatienceTest {

    private static final int INTERVAL = 400;
    private static final int EXPIRY = 3 * INTERVAL;
    private static final int AFTER_SILENCE = 2 * EXPIRY;
    private static final int TICK = 20;

    private final Patience patience =
            new Patience(Duration.ofMillis(INTERVAL), Duration.ofMillis(AFTER_SILENCE), nanos(0));

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private boolean isOver(int now) {
        return patience.isOver(nanos(now), 0);
    }

    @Test
    void isOver_whileOthersAreHeard_isTrue() {
        for (int now = 0; now < 10_000; now += TICK) {
            if (now % INTERVAL == 0) {
                patience.heard(nanos(now));
            }

            assertThat(isOver(now)).as("at %s ms", now).isTrue();
        }
    }

    /**
     * One speaks at 0 and every interval from then on; another is heard last just before the topic goes silent. However long that lasts: the
     * first must not be given up for words that could not be heard.
     */
    @Test
    void isOver_aSilenceOfAnyLength_nobodyIsGivenUpForIt() {
        for (int silence = TICK; silence < 5_000; silence += TICK) {
            int begin = INTERVAL - 1;
            int end = begin + silence;
            Patience one = new Patience(Duration.ofMillis(INTERVAL), Duration.ofMillis(AFTER_SILENCE), nanos(0));
            one.heard(nanos(0));
            one.heard(nanos(begin));
            boolean missedAWord = end > INTERVAL;

            for (int now = begin; missedAWord && now <= end; now += TICK) {
                boolean givenUp = now > EXPIRY && one.isOver(nanos(now), 0);
                assertThat(givenUp)
                        .as("at %s ms of a silence to %s ms", now, end)
                        .isFalse();
            }
        }
    }

    @Test
    void isOver_afterASilence_onlyAWhileLater() {
        patience.heard(nanos(1_000)); // nobody has looked meanwhile

        assertThat(isOver(1_000 + AFTER_SILENCE - 1)).isFalse();
    }

    @Test
    void isOver_aWhileAfterASilence_isTrueAgain() {
        patience.heard(nanos(1_000));
        for (int now = 1_000; now < 1_000 + AFTER_SILENCE; now += INTERVAL) {
            patience.heard(nanos(now));
        }

        assertThat(isOver(1_000 + AFTER_SILENCE)).isTrue();
    }

    @Test
    void isOver_afterALossOfABroker_onlyMuchLater() {
        patience.brokerLost(nanos(0));
        for (int now = 0; now < 10_000; now += INTERVAL) {
            patience.heard(nanos(now));

            assertThat(isOver(now)).as("at %s ms", now).isFalse();
        }

        patience.heard(nanos(10_000));
        assertThat(isOver(10_000)).isTrue();
    }

    @Test
    void isOver_whenBrokersDoNotAnswer_isFalse() {
        patience.heard(nanos(100));

        assertThat(patience.isOver(nanos(100), nanos(1_000))).isFalse();
    }

    @Test
    void isQuiet_beforeNobodyCanBeHeard_isTrue() {
        patience.heard(nanos(0));

        assertThat(patience.isQuiet(nanos(INTERVAL))).isFalse();
        assertThat(patience.isQuiet(nanos(INTERVAL * 3 / 2))).isTrue();
        assertThat(isOver(INTERVAL * 3 / 2)).isTrue();
    }
}
