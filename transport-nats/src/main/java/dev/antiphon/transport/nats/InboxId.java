package dev.antiphon.transport.nats;

import dev.antiphon.spi.CorrelationId;
import java.util.Arrays;

/** A correlation id as the last token of an inbox: {@link CorrelationId}'s text, without the strings. */
final class InboxId {

    private static final int BASE = 62;
    private static final byte[] DIGITS = new byte[BASE];
    private static final byte[] VALUES = new byte[128];

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < BASE; i++) {
            DIGITS[i] = (byte) (i < 10 ? '0' + i : i < 36 ? 'A' + i - 10 : 'a' + i - 36);
            VALUES[DIGITS[i]] = (byte) i;
        }
    }

    private InboxId() {}

    /** Writes an id over the {@link CorrelationId#LENGTH} bytes that begin at {@code start}. */
    static void write(long id, byte[] target, int start) {
        long rest = id;
        for (int i = start + CorrelationId.LENGTH - 1; i >= start; i--) {
            long quotient = Long.divideUnsigned(rest, BASE);
            target[i] = DIGITS[(int) (rest - quotient * BASE)];
            rest = quotient;
        }
    }

    /** Whether these bytes can be an id. */
    static boolean isId(byte[] source, int from, int to) {
        if (to - from != CorrelationId.LENGTH) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (source[i] < 0 || VALUES[source[i]] < 0) {
                return false;
            }
        }
        return true;
    }

    /** The id that begins at {@code from}; {@link #isId} must be true. */
    static long read(byte[] source, int from) {
        long id = 0;
        for (int i = from; i < from + CorrelationId.LENGTH; i++) {
            id = id * BASE + VALUES[source[i]];
        }
        return id;
    }
}
