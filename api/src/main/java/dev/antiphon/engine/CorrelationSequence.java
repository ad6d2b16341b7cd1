package dev.antiphon.engine;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Correlation ids for one reply channel: unique, and one that was seen does not reveal another.
 *
 * <p>A counter is encrypted with the block cipher Speck64/128 (Beaulieu et al., "The SIMON and SPECK Families of
 * Lightweight Block Ciphers", 2013) under a random key. A permutation keeps the ids unique for 2^64 requests, and costs
 * some tens of nanoseconds, with no allocation and no lock; a UUID per request costs more than ten times that.
 */
final class CorrelationSequence {

    private static final int ROUNDS = 27;
    private static final String TOKEN_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    /** 62^22 is more than 2^128. */
    private static final int TOKEN_LENGTH = 22;

    private final int[] roundKeys;
    private final AtomicLong counter = new AtomicLong();

    CorrelationSequence(SecureRandom random) {
        this(new int[] {random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt()});
    }

    /** The key's words as the paper orders them, from the last to the first: {@code k0} is {@code key[3]}. */
    CorrelationSequence(int[] key) {
        roundKeys = expand(key);
    }

    /** A name for a reply channel that nobody guesses: at least 128 random bits. */
    static String token(SecureRandom random) {
        StringBuilder token = new StringBuilder(TOKEN_LENGTH);
        for (int i = 0; i < TOKEN_LENGTH; i++) {
            token.append(TOKEN_DIGITS.charAt(random.nextInt(TOKEN_DIGITS.length())));
        }
        return token.toString();
    }

    /** The next id. */
    long next() {
        return encrypt(counter.getAndIncrement());
    }

    long encrypt(long plain) {
        int x = (int) (plain >>> 32);
        int y = (int) plain;
        for (int key : roundKeys) {
            x = (Integer.rotateRight(x, 8) + y) ^ key;
            y = Integer.rotateLeft(y, 3) ^ x;
        }
        return ((long) x << 32) | (y & 0xffff_ffffL);
    }

    private static int[] expand(int[] key) {
        int[] keys = new int[ROUNDS];
        int[] l = {key[2], key[1], key[0]};
        keys[0] = key[3];
        for (int i = 0; i < ROUNDS - 1; i++) {
            int next = (keys[i] + Integer.rotateRight(l[i % 3], 8)) ^ i;
            l[i % 3] = next;
            keys[i + 1] = Integer.rotateLeft(keys[i], 3) ^ next;
        }
        return keys;
    }
}
