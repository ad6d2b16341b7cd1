package dev.antiphon.transport.amqp;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * TCP without TLS, over a channel that does not block: so a sender may write on its own thread, which saves a wake-up
 * when it is alone, and is never held up by a broker that does not read.
 */
final class PlainWire implements Wire {

    private static final int INPUT = 64 * 1024;
    /** The JVM keeps a direct buffer as large as the largest write for each thread. */
    private static final int LARGEST_WRITE = 64 * 1024;

    private static final long WRITABLE_MILLIS = 1000;

    private final SocketChannel channel;
    private final Selector readable;
    private final Selector writable;
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT).limit(0);
    private volatile int timeoutMillis;

    PlainWire() throws IOException {
        channel = SocketChannel.open();
        channel.configureBlocking(false);
        readable = Selector.open();
        writable = Selector.open();
    }

    @Override
    public void connect(SocketAddress address, int limitMillis) throws IOException {
        if (!(address instanceof InetSocketAddress target) || target.isUnresolved()) {
            throw new UnknownHostException(address.toString());
        }
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        try {
            if (!channel.connect(address)) {
                awaitConnected(limitMillis);
            }
        } catch (ConnectException e) {
            throw (ConnectException) new ConnectException(e.getMessage() + ": " + address).initCause(e);
        }
        channel.register(readable, SelectionKey.OP_READ);
        channel.register(writable, SelectionKey.OP_WRITE);
    }

    private void awaitConnected(int limitMillis) throws IOException {
        SelectionKey key = channel.register(writable, SelectionKey.OP_CONNECT);
        writable.select(limitMillis);
        if (!channel.finishConnect()) {
            throw new SocketTimeoutException("no connection within " + limitMillis + " ms");
        }
        key.cancel();
        writable.selectNow();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (!input.hasRemaining()) {
            int received = receive();
            if (received < 0) {
                return -1;
            }
        }
        int given = Math.min(length, input.remaining());
        input.get(into, offset, given);
        return given;
    }

    private int receive() throws IOException {
        input.clear();
        try {
            int received = channel.read(input);
            while (received == 0) {
                if (readable.select(timeoutMillis) == 0 && channel.isOpen() && timeoutMillis > 0) {
                    throw new SocketTimeoutException("nothing was received within " + timeoutMillis + " ms");
                }
                readable.selectedKeys().clear();
                received = channel.read(input);
            }
            return received;
        } catch (ClosedSelectorException e) {
            throw new IOException("the connection was closed", e);
        } finally {
            input.flip();
        }
    }

    @Override
    public void readTimeout(int millis) {
        timeoutMillis = millis;
    }

    @Override
    public boolean neverBlocks() {
        return true;
    }

    @Override
    public int write(byte[] from, int offset, int length) throws IOException {
        return channel.write(ByteBuffer.wrap(from, offset, Math.min(length, LARGEST_WRITE)));
    }

    @Override
    public void awaitWritable() throws IOException {
        try {
            writable.select(WRITABLE_MILLIS);
            writable.selectedKeys().clear();
        } catch (ClosedSelectorException e) {
            throw new IOException("the connection was closed", e);
        }
    }

    @Override
    public InetSocketAddress local() {
        return Addresses.of(channel.socket().getLocalSocketAddress());
    }

    @Override
    public InetSocketAddress remote() {
        return Addresses.of(channel.socket().getRemoteSocketAddress());
    }

    @Override
    public void close() {
        Closing.quietly(channel);
        Closing.quietly(readable);
        Closing.quietly(writable);
    }
}
