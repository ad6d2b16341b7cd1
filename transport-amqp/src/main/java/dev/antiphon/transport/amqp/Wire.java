package dev.antiphon.transport.amqp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The bytes to and from one broker. One thread reads; one at a time writes. */
interface Wire {

    /** Connects. Blocks. */
    void connect(SocketAddress address, int timeoutMillis) throws IOException;

    /** Reads what there is, and waits for the first byte up to the timeout; -1 at the end. */
    int read(byte[] into, int offset, int length) throws IOException;

    /** How long a read may wait; 0 for ever. */
    void readTimeout(int millis) throws IOException;

    /** Whether {@link #write} returns at once when the broker does not read. */
    boolean neverBlocks();

    /** Writes some of these bytes, and says how many. */
    int write(byte[] from, int offset, int length) throws IOException;

    /** Waits until something can be written, or a moment has passed. */
    void awaitWritable() throws IOException;

    InetSocketAddress local();

    InetSocketAddress remote();

    /** Closes at once, whatever is going on. */
    void close();
}
