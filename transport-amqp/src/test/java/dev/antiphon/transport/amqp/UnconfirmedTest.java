package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.conformance.Recorder;
import dev.antiphon.spi.SendCallback;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class UnconfirmedTest {

    private final Unconfirmed unconfirmed = new Unconfirmed();
    private final List<SendCallback> taken = new ArrayList<>();

    @Test
    void take_ofOneAndOfSeveral_takesEachOnce() {
        List<Recorder> sent = add(1, 1000);
        unconfirmed.take(3, false, taken);
        assertThat(taken).containsExactly(sent.get(2));
        unconfirmed.take(3, false, taken);
        assertThat(taken).hasSize(1);
        unconfirmed.take(999, true, taken);
        assertThat(taken).hasSize(999).doesNotContain(sent.get(999)).doesNotHaveDuplicates();
        assertThat(unconfirmed.takeAll()).containsExactly(sent.get(999));
        assertThat(unconfirmed.size()).isZero();
    }

    @Test
    void take_ofWhatWasNeverSent_takesNothing() {
        add(1, 2);
        unconfirmed.take(7, false, taken);
        assertThat(taken).isEmpty();
        unconfirmed.take(7, true, taken);
        assertThat(taken).hasSize(2);
    }

    @Test
    void confirmed_endsWhenEverythingBeforeIsOut() {
        assertThat(unconfirmed.confirmed()).isDone();
        add(1, 3);
        CompletableFuture<Void> first = unconfirmed.confirmed();
        add(4, 4);
        unconfirmed.take(3, false, taken);
        assertThat(unconfirmed.reached()).isEmpty();
        unconfirmed.take(2, true, taken);
        assertThat(unconfirmed.reached()).containsExactly(first);
        assertThat(unconfirmed.size()).isEqualTo(1);
    }

    @Test
    void reset_beginsWithOneAgain() {
        add(1, 500);
        unconfirmed.takeAll();
        unconfirmed.reset();
        List<Recorder> sent = add(1, 2);
        unconfirmed.take(1, false, taken);
        assertThat(taken).containsExactly(sent.get(0));
    }

    private List<Recorder> add(long first, long last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(number -> {
                    Recorder recorder = new Recorder();
                    unconfirmed.add(number, recorder);
                    return recorder;
                })
                .toList();
    }
}
