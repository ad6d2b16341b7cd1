package dev.antiphon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.benchmarks.load.Sample;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SummaryTest {

    @Test
    void median_oddAndEvenRounds() {
        assertThat(rates(30, 10, 20).median(Measured::rate)).isEqualTo(20);
        assertThat(rates(40, 10, 30, 20).median(Measured::rate)).isEqualTo(25);
    }

    @Test
    void lowestAndHighest_areThoseOfAllRounds() {
        assertThat(rates(30, 10, 20).lowest(Measured::rate)).isEqualTo(10);
        assertThat(rates(30, 10, 20).highest(Measured::rate)).isEqualTo(30);
    }

    @Test
    void measured_costsArePerRequest() {
        Sample sample = new Sample(1000, 1_000_000_000, 1, 2, 3, 5_000_000, 400_000, 1);
        Measured measured = new Measured(sample, Duration.ofMillis(3), Duration.ofMillis(2));
        assertThat(measured.requesterMicros()).isEqualTo(5);
        assertThat(measured.responderMicros()).isEqualTo(3);
        assertThat(measured.brokerMicros()).isEqualTo(2);
        assertThat(measured.bytes()).isEqualTo(400);
    }

    @Test
    void parse_lineOfASample_isTheSample() {
        Sample sample = new Sample(1, 2, 3, 4, 5, 6, 7, 0);
        assertThat(Sample.parse(sample.toLine())).isEqualTo(sample);
    }

    private static Summary rates(long... perSecond) {
        List<Measured> rounds = LongStream.of(perSecond)
                .mapToObj(n -> new Sample(n, 1_000_000_000, 0, 0, 0, 0, 0, 1))
                .map(sample -> new Measured(sample, Duration.ZERO, Duration.ZERO))
                .toList();
        return new Summary(rounds);
    }
}
