package dev.antiphon.transport.nats;

import io.nats.client.Connection;
import io.nats.client.Options;
import io.nats.client.impl.SocketDataPort;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server, shared by the native client and Antiphon. Public only because the native client creates it
 * by name, through its extension point {@link Options.Builder#dataPortType(String)}.
 *
 * <p>The native client uses it for everything that keeps a connection: handshake, authentication, pings, and whatever a
 * program does with the unwrapped {@link Connection}. Antiphon's messages pass by its queues, because of what these do:
 *
 * <ul>
 *   <li>Messages that wait in the client's outgoing queue when the connection breaks are sent after the reconnect,
 *       seconds or minutes late, when nobody waits for their replies any more. Nothing public removes them.
 *   <li>A full queue holds up the thread that publishes, for 50 ms at least, while it owns the queue's lock.
 *   <li>Messages that wait in a dispatcher's queue are dropped when their subscription ends; only a whole dispatcher can
 *       drain, so a loss-free stop would need a thread for every subscription.
 *   <li>A small request and its reply allocate 1.9 kB in them, and take 1.2 microseconds of processor time where this
 *       takes 0.3 kB, or 0.5 kB with headers, and 0.8 microseconds (two connections in one JVM, 1024 requests in flight).
 * </ul>
 *
 * <p>It adds what the native client's own port leaves out: the host name in the server's certificate is checked, and
 * closing a TLS connection does not take a second.
 */
@SuppressWarnings("exports") // what it extends is the native client's
public final class NatsPort extends SocketDataPort {

    /** The native client reads with a buffer of the same size. */
    static final int BUFFER = 64 * 1024;

    private static final Answer CLIENTS_OWN = arrived -> {};

    /** Sends that follow each other faster than this are collected: one write for many. About what a wake-up and a write take. */
    private static final long PAUSE_NANOS = 40_000;

    /** After a write of more frames than this there is a burst, which is not to begin with a write of its own. */
    private static final int FEW_FRAMES = 2;

    private final ReentrantLock writing = new ReentrantLock();
    private final ConcurrentLinkedQueue<Answer> pings = new ConcurrentLinkedQueue<>();
    private final WrittenPings clientsPings = new WrittenPings();
    private @Nullable NatsLink link;
    private @Nullable FrameParser parser;
    private @Nullable Options options;
    private volatile @Nullable Socket plain;
    private volatile @Nullable Thread reader;
    private boolean established;
    private volatile long lastWrite = System.nanoTime();
    private volatile int lastFrames;
    private volatile @Nullable SendRoom room;

    /** For the native client. */
    public NatsPort() {}

    /** Binds this port to the transport whose options these are. */
    @Override
    public void afterConstruct(Options ofConnection) {
        options = ofConnection;
        NatsLink owner = NatsLink.of(ofConnection);
        link = owner;
        parser = new FrameParser(owner.sinkOf(this), BUFFER);
        owner.connector().attempting(this);
    }

    // -- Reading, on the native client's reader thread --

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (!isReader()) {
            reader = Thread.currentThread();
        }
        if (!established && link().isClosed()) {
            throw new IOException("closed while connecting");
        }
        try {
            int count = parser().read(in, target, offset, length);
            if (count < 0) {
                lost(null);
            }
            return count;
        } catch (IOException e) {
            lost(e);
            throw e;
        }
    }

    private void lost(@Nullable IOException cause) {
        link().down(this, cause);
        if (!established) {
            link().connector().brokenOff(cause);
        }
    }

    /** The server answered the oldest ping. Returns whether that was the native client's. */
    boolean onPong() {
        Answer ping = pings.poll();
        if (!established) {
            established = true;
            measureRoom();
            link().established(this);
        }
        if (ping == null || ping == CLIENTS_OWN) {
            return true;
        }
        ping.pong(true);
        return false;
    }

    /** What was written before is little, and has been read: the server has answered. */
    private void measureRoom() {
        try {
            room = new SendRoom(socket.getSendBufferSize());
        } catch (SocketException closed) {
            // the next read tells
        }
    }

    /** The native client's connection that uses this port. */
    @Nullable
    Connection client() {
        return connection;
    }

    /** Whether this is the thread that reads: it can not wait for what it would read. */
    boolean isReader() {
        return Thread.currentThread() == reader;
    }

    // -- Writing --

    /** Writes frames of the native client, and before them those that were sent before. */
    @Override
    public void write(byte[] source, int count) throws IOException {
        writing.lock();
        try {
            writeBatch();
            for (int i = clientsPings.count(source, count); i > 0; i--) {
                pings.add(CLIENTS_OWN);
            }
            writeBytes(source, count);
        } catch (IOException e) {
            link().down(this, e);
            throw e;
        } finally {
            writing.unlock();
        }
    }

    /** Writes what waits in the outbox. A failure ends this connection. */
    void writePending() {
        writing.lock();
        try {
            writeBatch();
        } catch (IOException e) {
            link().down(this, e);
            abort();
        } finally {
            writing.unlock();
        }
    }

    /**
     * Writes what waits in the outbox on the calling thread, which saves the wake-up of another. Only while messages are few and far
     * between, and only as much as is sure not to wait for the network. False if somebody else has to write it.
     */
    boolean writeAtOnce() {
        SendRoom known = room;
        boolean alone = lastFrames <= FEW_FRAMES && System.nanoTime() - lastWrite >= PAUSE_NANOS;
        if (!alone || known == null || !writing.tryLock()) {
            return false;
        }
        try {
            Outbox outbox = link().outbox();
            long ping = known.ask();
            if (ping > 0) {
                outbox.addPing(arrived -> known.answered(ping));
            }
            if (!known.has(outbox.waiting())) {
                return false;
            }
            writeBatch();
        } catch (IOException e) {
            abort(); // the thread that reads notices, and tells
        } finally {
            writing.unlock();
        }
        return true;
    }

    private void writeBatch() throws IOException {
        Outbox outbox = link().outbox();
        Outbox.Batch batch = outbox.take(this);
        if (batch != null) {
            pings.addAll(batch.pings); // before the bytes, or an answer could be faster
            try {
                writeBytes(batch.frames.array(), batch.frames.length());
                lastFrames = batch.messages;
            } finally {
                outbox.giveBack(batch);
            }
            if (!outbox.isAttached(this)) { // lost meanwhile: whoever noticed may have been too early for these pings
                failPings();
            }
        }
    }

    private void writeBytes(byte[] bytes, int count) throws IOException {
        SendRoom known = room;
        if (known != null) {
            known.wrote(count);
        }
        super.write(bytes, count);
        lastWrite = System.nanoTime();
    }

    /** Fails the pings that will not be answered. */
    void failPings() {
        Answer ping;
        while ((ping = pings.poll()) != null) {
            ping.pong(false);
        }
    }

    // -- Opening and closing --

    /** The native client's own does not ask for the check of the host name. */
    @Override
    public void upgradeToSecure() throws IOException {
        Options ours = Objects.requireNonNull(options);
        Socket underlying = socket;
        SSLSocket secure =
                (SSLSocket) ours.getSslContext().getSocketFactory().createSocket(underlying, host, port, true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.setSoTimeout(Math.toIntExact(ours.getConnectionTimeout().toMillis()));
        secure.startHandshake();
        secure.setSoTimeout(0);
        plain = underlying;
        socket = secure;
        in = secure.getInputStream();
        out = secure.getOutputStream();
        isSecure = true;
    }

    /** Ends the reading. A TLS socket can not do that by itself; the socket below it can. */
    @Override
    public void shutdownInput() throws IOException {
        Socket below = plain;
        if (below == null) {
            super.shutdownInput();
        } else {
            below.shutdownInput();
        }
    }

    @Override
    public void close() throws IOException {
        link().down(this, null);
        super.close();
    }

    /** Ends the connection at once; the native client notices and reconnects. */
    void abort() {
        try {
            Socket below = plain;
            if (below != null) {
                below.close();
            } else if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // it is as closed as it can be
        }
    }

    private NatsLink link() {
        return Objects.requireNonNull(link);
    }

    private FrameParser parser() {
        return Objects.requireNonNull(parser);
    }
}
