package dev.antiphon.transport.nats;

/**
 * How much may be written to a connection without having to wait for the network.
 *
 * <p>The socket's send buffer takes that much even from a connection that does not move. What was written is out of it for certain
 * once the server has answered a ping that came after it. In between everything counts as being in the buffer still, and each write as
 * larger than it is, since the operating system counts its own overhead.
 *
 * <p>Guarded by the lock of the port's writing, but for {@link #answered}.
 */
final class SendRoom {

    /** A guess on the safe side: Linux counts about 1 KiB for a small write. */
    private static final int OVERHEAD = 2048;

    /** Buffers are tens of kilobytes at least, and all of one is never used up. */
    private static final int PART = 4;

    private static final int MOST = 256 * 1024;

    private final long size;
    private long written;
    /** What had been written when the last ping was sent. */
    private long asked;
    /** What is out of the buffer for certain. */
    private volatile long left;

    /** For a socket with this send buffer. */
    SendRoom(int sendBuffer) {
        size = Math.min(MOST, sendBuffer / PART);
    }

    /** So many bytes were written at once. */
    void wrote(int bytes) {
        written += (long) bytes + OVERHEAD;
    }

    /** Whether so many bytes may be written at once. */
    boolean has(int bytes) {
        return written - left + bytes + OVERHEAD <= size;
    }

    /**
     * Whether a ping is to be sent now, behind everything that was written.
     *
     * @return what its answer is to be told with to {@link #answered}; 0 for no ping
     */
    long ask() {
        boolean waiting = left < asked;
        if (waiting || written - left <= size / 2) {
            return 0;
        }
        asked = written;
        return asked;
    }

    /** The answer to a ping has arrived. On any thread. */
    void answered(long ping) {
        left = ping;
    }
}
