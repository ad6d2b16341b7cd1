package dev.antiphon.transport.nats;

/**
 * Counts the pings among the frames that the native client writes, so that their answers can be told from the answers to
 * ours. The client writes whole frames.
 */
final class WrittenPings {

    /** How many pings there are among these frames. */
    int count(byte[] frames, int length) {
        int pings = 0;
        int start = 0;
        while (start < length) {
            int end = lineEnd(frames, start, length);
            if (isPublish(frames, start, end)) {
                end += payload(frames, end) + 2;
            } else if (end - start == 6 && frames[start] == 'P' && frames[start + 1] == 'I') {
                pings++;
            }
            start = end;
        }
        return pings;
    }

    /** {@code PUB} or {@code HPUB}: a payload follows. */
    private static boolean isPublish(byte[] frames, int start, int end) {
        return end - start > 4
                && ((frames[start] == 'P' && frames[start + 1] == 'U')
                        || (frames[start] == 'H' && frames[start + 1] == 'P'));
    }

    /** The number at the end of a line. */
    private static int payload(byte[] frames, int end) {
        int number = 0;
        int scale = 1;
        for (int i = end - 3; frames[i] != ' '; i--) {
            number += (frames[i] - '0') * scale;
            scale *= 10;
        }
        return number;
    }

    /** Where the next line begins. */
    private static int lineEnd(byte[] frames, int start, int length) {
        for (int i = start; i < length; i++) {
            if (frames[i] == '\n') {
                return i + 1;
            }
        }
        return length;
    }
}
