package dev.antiphon.transport.amqp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;

/**
 * The socket that the native client believes it has. It writes after every command; here its bytes collect in an
 * {@link Outbox}, which writes as many at once as have come together.
 */
final class ClientSocket extends Socket {

    private final Wire wire;
    private final Outbox outbox;
    private int soTimeout;
    private volatile boolean connected;

    ClientSocket(Wire wire, Outbox outbox) {
        this.wire = wire;
        this.outbox = outbox;
    }

    @Override
    public void connect(SocketAddress address, int timeoutMillis) throws IOException {
        wire.connect(address, timeoutMillis);
        connected = true;
        outbox.start();
    }

    @Override
    public InputStream getInputStream() {
        return new Input();
    }

    @Override
    public OutputStream getOutputStream() {
        return outbox;
    }

    /** The thread that reads sends what it has made its callers write when there is nothing more to read. */
    private final class Input extends InputStream {

        private final byte[] one = new byte[1];

        @Override
        public int read() throws IOException {
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            outbox.beforeRead();
            return wire.read(into, offset, length);
        }
    }

    @Override
    public synchronized void setSoTimeout(int millis) throws SocketException {
        soTimeout = millis;
        try {
            wire.readTimeout(millis);
        } catch (IOException e) {
            throw (SocketException) new SocketException(e.getMessage()).initCause(e);
        }
    }

    @Override
    public synchronized int getSoTimeout() {
        return soTimeout;
    }

    /** Always on. */
    @Override
    public void setTcpNoDelay(boolean on) {}

    /** Closing never waits. */
    @Override
    public void setSoLinger(boolean on, int seconds) {}

    @Override
    public InetAddress getInetAddress() {
        return wire.remote().getAddress();
    }

    @Override
    public int getPort() {
        return wire.remote().getPort();
    }

    @Override
    public InetAddress getLocalAddress() {
        return wire.local().getAddress();
    }

    @Override
    public int getLocalPort() {
        return wire.local().getPort();
    }

    @Override
    public boolean isConnected() {
        return connected;
    }

    @Override
    public synchronized void close() {
        outbox.close();
        wire.close();
    }

    @Override
    public String toString() {
        return "ClientSocket[" + wire.remote() + "]";
    }
}
