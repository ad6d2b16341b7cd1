package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Rule E4. */
class CorrelationSequenceTest {

    @Test
    void encrypt_publishedTestVector_isMet() {
        // "The SIMON and SPECK Families of Lightweight Block Ciphers", appendix C, Speck64/128
        CorrelationSequence sequence =
                new CorrelationSequence(new int[] {0x1b1a1918, 0x13121110, 0x0b0a0908, 0x03020100});

        assertThat(sequence.encrypt(0x3b726574_7475432dL)).isEqualTo(0x8c6fa548_454e028bL);
    }

    @Test
    void next_millionTimesFromTwoThreads_isUnique() throws Exception {
        CorrelationSequence sequence = new CorrelationSequence(new SecureRandom());
        long[] one = new long[500_000];
        long[] other = new long[500_000];

        CompletableFuture<Void> filling = Background.run(() -> Arrays.setAll(one, i -> sequence.next()));
        Arrays.setAll(other, i -> sequence.next());
        filling.get();

        long[] ids = Arrays.copyOf(one, 1_000_000);
        System.arraycopy(other, 0, ids, 500_000, 500_000);
        assertThat(Arrays.stream(ids).distinct().count()).isEqualTo(1_000_000);
    }

    @Test
    void next_anotherKey_givesOtherIds() {
        SecureRandom random = new SecureRandom();

        assertThat(new CorrelationSequence(random).next()).isNotEqualTo(new CorrelationSequence(random).next());
    }

    @Test
    void next_inARow_differsInAboutHalfOfTheBits() {
        CorrelationSequence sequence = new CorrelationSequence(new SecureRandom());
        long differing = 0;
        long previous = sequence.next();
        for (int i = 0; i < 10_000; i++) {
            long next = sequence.next();
            differing += Long.bitCount(previous ^ next);
            previous = next;
        }

        assertThat(differing / 10_000.0).isBetween(31.0, 33.0);
    }

    @Test
    void token_always_has22CharactersAnyBrokerTakes() {
        SecureRandom random = new SecureRandom();
        Set<String> tokens = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            tokens.add(CorrelationSequence.token(random));
        }

        assertThat(tokens).hasSize(1000).allSatisfy(token -> assertThat(token).matches("[0-9A-Za-z]{22}"));
    }
}
