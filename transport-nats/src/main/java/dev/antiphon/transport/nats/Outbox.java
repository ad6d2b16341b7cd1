package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.spi.CorrelationId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait to be written, in one array, and the thread that writes them.
 *
 * <p>A send copies its frame behind the others. After a pause it writes it, too ({@link NatsPort#writeAtOnce}); else it wakes the
 * thread if it sleeps, and the thread takes all that is there and writes it at once. So one system call carries as many frames as
 * came together, a send allocates nothing, and it never waits for the network: beyond the bound it fails. When the connection is
 * lost the frames are forgotten with it, so nothing is ever sent late.
 *
 * <p>Before a connection is open for sends it takes subscriptions and pings only: a reconnect restores what was
 * subscribed first.
 */
final class Outbox {

    /** A frame's control line, as the server limits it by default. */
    private static final int MAX_LINE = 4096;

    private static final int INITIAL = 64 * 1024;
    private static final int KEEP = 1024 * 1024;

    private static final byte[] PUB = "PUB ".getBytes(US_ASCII);
    private static final byte[] HPUB = "HPUB ".getBytes(US_ASCII);
    private static final byte[] SUB = "SUB ".getBytes(US_ASCII);
    private static final byte[] UNSUB = "UNSUB ".getBytes(US_ASCII);
    private static final byte[] PING = "PING\r\n".getBytes(US_ASCII);

    /** Frames taken together, and who waits for the answers to the pings among them. */
    static final class Batch {
        final FrameBuffer frames = new FrameBuffer(INITIAL);
        final List<Answer> pings = new ArrayList<>(2);
        int messages;
    }

    private final long maxPending;
    private final Failures failures;
    private final HeaderWriter headerWriter = new HeaderWriter();
    private final byte[] id = new byte[CorrelationId.LENGTH];
    private final Thread writer;

    private Batch filling = new Batch();
    private @Nullable Batch spare;
    private @Nullable NatsPort port;
    private boolean open;
    private boolean headersSupported = true;
    private long maxPayload = Long.MAX_VALUE;
    private volatile boolean asleep;
    private volatile boolean ended;

    /**
     * An outbox without a connection.
     *
     * @param maxPending how many bytes may wait
     */
    Outbox(String threadName, long maxPending, Failures failures) {
        this.maxPending = maxPending;
        this.failures = failures;
        writer = new Thread(this::writeForEver, threadName);
        writer.setDaemon(true);
    }

    // -- Sending, on any thread --

    /** Sends a message that asks for no reply. Returns why it can not be sent, or null. */
    @Nullable
    AntiphonException publish(String subject, Message message) {
        return send(subject, null, null, 0, message);
    }

    /** Sends a request whose replies go to an inbox: its prefix, and the id as the last token. */
    @Nullable
    AntiphonException request(String subject, byte[] inbox, long correlationId, Message message) {
        return send(subject, null, inbox, correlationId, message);
    }

    /** Sends a reply to the address that came with a request. */
    @Nullable
    AntiphonException reply(String subject, byte[] address, Message message) {
        return send(subject, address, null, 0, message);
    }

    /** Sends a reply that itself asks for replies to an inbox. */
    @Nullable
    AntiphonException reply(String subject, byte[] address, byte[] inbox, long correlationId, Message message) {
        return send(subject, address, inbox, correlationId, message);
    }

    /** One attempt: to {@code address} if there is one, to {@code subject} else. */
    private @Nullable AntiphonException send(
            String subject, byte @Nullable [] address, byte @Nullable [] inbox, long correlationId, Message message) {
        NatsPort to;
        synchronized (this) {
            to = port;
            if (!open || to == null) {
                return failures.disconnected(subject);
            }
            FrameBuffer headers = address == null
                    ? headerWriter.write(message)
                    : headerWriter.write(message, ServiceErrors.toService(message.headers()));
            AntiphonException refused = refuse(subject, headers.length(), message.size());
            if (refused != null) {
                return refused;
            }
            FrameBuffer frames = filling.frames;
            int begin = frames.length();
            frames.put(headers.isEmpty() ? PUB : HPUB);
            if (address == null) {
                frames.put(subject);
            } else {
                frames.put(address);
            }
            if (inbox != null) {
                CorrelationId.write(correlationId, id, 0);
                frames.put(' ').put(inbox).put(id);
            }
            if (!headers.isEmpty()) {
                frames.put(' ').put(headers.length());
            }
            frames.put(' ').put(headers.length() + message.size()).crlf();
            if (frames.length() - begin > MAX_LINE) {
                frames.truncate(begin);
                return failure(
                        ErrorCode.INVALID_ARGUMENT, "subject and reply address are too long for the protocol", subject);
            }
            frames.put(headers.array(), headers.length())
                    .put(message.sharedBytes(), message.size())
                    .crlf();
            filling.messages++;
        }
        if (!to.writeAtOnce()) {
            wake();
        }
        return null;
    }

    private @Nullable AntiphonException refuse(String subject, int headers, int body) {
        long size = (long) headers + body;
        if (size > maxPayload) {
            return failure(
                    ErrorCode.TOO_LARGE,
                    "headers and body of " + size + " bytes are larger than the " + maxPayload
                            + " bytes the server takes (max_payload)",
                    subject);
        }
        if (headers > 0 && !headersSupported) {
            return failure(ErrorCode.UNSUPPORTED, "the server is older than 2.2 and does not take headers", subject);
        }
        if (!filling.frames.isEmpty() && filling.frames.length() + size > maxPending) {
            return failure(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    filling.frames.length() + " bytes wait to be sent; the connection is too slow for more ("
                            + NatsOptions.MAX_PENDING + " is " + maxPending + ")",
                    subject);
        }
        return null;
    }

    private static AntiphonException failure(ErrorCode code, String what, String subject) {
        return new AntiphonException(code, what, null, false, subject, null);
    }

    // -- Subscribing and pinging --

    /** Subscribes; does nothing without a connection. */
    void subscribe(int number, String subject, @Nullable String group) {
        synchronized (this) {
            if (port != null) {
                FrameBuffer frames = filling.frames.put(SUB).put(subject).put(' ');
                if (group != null) {
                    frames.put(group).put(' ');
                }
                frames.put(FrameParser.MARK).put(number).crlf();
            }
        }
        wake();
    }

    /** Unsubscribes; does nothing without a connection. */
    void unsubscribe(int number) {
        synchronized (this) {
            if (port != null) {
                filling.frames.put(UNSUB).put(FrameParser.MARK).put(number).crlf();
            }
        }
        wake();
    }

    /** Asks the server for an answer; that is told at once if there is no connection. */
    void ping(Answer answer) {
        if (addPing(answer)) {
            wake();
        } else {
            answer.pong(false);
        }
    }

    /** Sends a ping with the next frames; false without a connection. */
    synchronized boolean addPing(Answer answer) {
        if (port == null) {
            return false;
        }
        filling.frames.put(PING);
        filling.pings.add(answer);
        return true;
    }

    // -- The connection --

    /** There is a connection: it takes subscriptions and pings from now on. */
    synchronized void attach(NatsPort newPort) {
        port = newPort;
        open = false;
    }

    /** The connection takes messages from now on, with what the server told of itself. False if it is lost already. */
    synchronized boolean open(NatsPort of, long newMaxPayload, boolean headers) {
        if (port != of) {
            return false;
        }
        maxPayload = newMaxPayload > 0 ? newMaxPayload : Long.MAX_VALUE;
        headersSupported = headers;
        open = true;
        return true;
    }

    /** Takes no more messages; pings still pass. */
    synchronized void shut() {
        open = false;
    }

    synchronized boolean isAttached(NatsPort to) {
        return port == to;
    }

    /** The connection is lost, and everything that was waiting for it. False if it was not this one. */
    boolean detach(NatsPort from) {
        List<Answer> unanswered;
        synchronized (this) {
            if (port != from) {
                return false;
            }
            port = null;
            open = false;
            unanswered = filling.pings;
            filling = new Batch();
        }
        unanswered.forEach(ping -> ping.pong(false));
        return true;
    }

    /** What is to be written to this connection, or null for nothing. To be given back. */
    synchronized @Nullable Batch take(NatsPort to) {
        if (port != to || filling.frames.isEmpty()) {
            return null;
        }
        Batch batch = filling;
        filling = spare == null ? new Batch() : spare;
        spare = null;
        return batch;
    }

    /** How many bytes wait. */
    synchronized int waiting() {
        return filling.frames.length();
    }

    /** Gives back what was taken. */
    synchronized void giveBack(Batch batch) {
        batch.frames.clear(KEEP);
        batch.pings.clear();
        batch.messages = 0;
        spare = batch;
    }

    // -- The thread --

    void start() {
        writer.start();
    }

    /** Ends the thread. */
    void end() {
        ended = true;
        LockSupport.unpark(writer);
    }

    @SuppressWarnings("ThreadPriorityCheck") // a hint that is good for speed and nothing else
    private void writeForEver() {
        while (!ended) {
            NatsPort to = portWithFrames();
            if (to == null) {
                sleep();
            } else {
                // Where processors are busy, who woke this thread goes on first, and more frames leave in one write.
                Thread.yield();
                to.writePending();
            }
        }
    }

    private synchronized @Nullable NatsPort portWithFrames() {
        return filling.frames.isEmpty() ? null : port;
    }

    private void sleep() {
        asleep = true;
        if (portWithFrames() == null && !ended) { // looked at again, or a frame that came in between would wait
            LockSupport.park(this);
        }
        asleep = false;
    }

    private void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(writer);
        }
    }
}
