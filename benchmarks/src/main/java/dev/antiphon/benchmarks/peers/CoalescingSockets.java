package dev.antiphon.benchmarks.peers;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.SocketConfigurators;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sockets that collect what is written and leave the writing to a thread: as much at once as has come together. amqp-client flushes after
 * each message; this is the least that turns many small writes into few large ones without a change of the client.
 */
final class CoalescingSockets extends SocketFactory {

    private CoalescingSockets() {}

    /** A factory of connections over such sockets. */
    static ConnectionFactory factory() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setSocketFactory(new CoalescingSockets());
        factory.setSocketConfigurator(SocketConfigurators.defaultConfigurator());
        return factory;
    }

    @Override
    public Socket createSocket() {
        return new CoalescingSocket();
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException("amqp-client connects sockets itself");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) {
        return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        return createSocket(host.getHostName(), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
        return createSocket(host, port);
    }

    private static final class CoalescingSocket extends Socket {
        @Override
        public OutputStream getOutputStream() throws IOException {
            return new Collected(super.getOutputStream());
        }
    }

    private static final class Collected extends OutputStream {

        private final OutputStream socket;
        private final Thread writer;
        private ByteArrayOutputStream pending = new ByteArrayOutputStream(64 * 1024);
        private ByteArrayOutputStream spare = new ByteArrayOutputStream(64 * 1024);

        Collected(OutputStream socket) {
            this.socket = socket;
            writer = new Thread(this::write, "coalescing-writer");
            writer.setDaemon(true);
            writer.start();
        }

        @Override
        public synchronized void write(int b) {
            pending.write(b);
        }

        @Override
        public synchronized void write(byte[] bytes, int start, int length) {
            pending.write(bytes, start, length);
        }

        @Override
        public void flush() {
            LockSupport.unpark(writer);
        }

        private void write() {
            try {
                for (; ; ) {
                    ByteArrayOutputStream full = take();
                    if (full == null) {
                        LockSupport.park(this);
                    } else {
                        full.writeTo(socket);
                        full.reset();
                    }
                }
            } catch (IOException closed) {
                // the reader of the connection sees it too, and tells
            }
        }

        private synchronized @Nullable ByteArrayOutputStream take() {
            if (pending.size() == 0) {
                return null;
            }
            ByteArrayOutputStream full = pending;
            pending = spare;
            spare = full;
            return full;
        }
    }
}
