package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AcknowledgementsTest {

    private final Acknowledgements acknowledgements = new Acknowledgements();
    private final List<String> sent = new ArrayList<>();

    private List<String> send() throws IOException {
        sent.clear();
        acknowledgements.send((tag, andAllBefore) -> sent.add(tag + (andAllBefore ? " and before" : "")));
        return sent;
    }

    private void add(long... tags) {
        for (long tag : tags) {
            acknowledgements.add(tag);
        }
    }

    @Test
    void inOrder_areAcknowledgedTogether() throws IOException {
        add(1, 3, 2);
        assertThat(send()).containsExactly("3 and before");
        add(4);
        assertThat(send()).containsExactly("4");
        assertThat(send()).isEmpty();
    }

    @Test
    void behindOneThatIsHandledStill_areAcknowledgedOneByOne() throws IOException {
        add(1, 2, 4, 5);
        assertThat(send()).containsExactly("2 and before", "4", "5");
        add(6);
        assertThat(send()).containsExactly("6");
        add(3, 7);
        assertThat(send()).containsExactly("7 and before");
    }

    @Test
    void first_isToldApart() throws IOException {
        assertThat(acknowledgements.add(1)).isTrue();
        assertThat(acknowledgements.add(2)).isFalse();
        send();
        assertThat(acknowledgements.add(3)).isTrue();
    }

    @Test
    void dealtWithOtherwise_countsAndIsNeverNamed() throws IOException {
        acknowledgements.skip(2);
        add(1);
        assertThat(send()).containsExactly("1");
        acknowledgements.skip(3);
        add(4);
        assertThat(send()).containsExactly("4");
    }

    /** A broker closes the channel for a tag that is not there, and forgets all before one that stands for several. */
    @Test
    void anyOrder_eachIsAcknowledgedOnceAndNoneTooEarly() throws IOException {
        Random random = new Random(42);
        TreeSet<Long> delivered = new TreeSet<>();
        TreeSet<Long> dealtWith = new TreeSet<>();
        List<Long> handled = new ArrayList<>();
        for (long tag = 1; tag <= 300_000; tag++) {
            delivered.add(tag);
            handled.add(tag);
            while (handled.size() > 50 || (tag == 300_000 && !handled.isEmpty())) {
                long done = handled.remove(random.nextInt(handled.size()));
                acknowledgements.add(done);
                dealtWith.add(done);
            }
            if (random.nextInt(10) == 0 || tag == 300_000) {
                acknowledgements.send((last, andAllBefore) -> {
                    assertThat(delivered).contains(last);
                    List<Long> meant = andAllBefore ? List.copyOf(delivered.headSet(last, true)) : List.of(last);
                    assertThat(dealtWith.containsAll(meant)).isTrue();
                    meant.forEach(delivered::remove);
                });
            }
        }
        assertThat(delivered).isEmpty();
    }
}
