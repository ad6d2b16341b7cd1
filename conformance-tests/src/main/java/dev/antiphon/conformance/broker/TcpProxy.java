package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy between clients and a broker that misbehaves on demand. It listens on a port of 127.0.0.1 that stays its own.
 *
 * <p>{@link #cut} and {@link #halfClose} act at once on the links that are open. Everything else is a state: it holds for open and
 * later links, adds up with other states, and ends with {@link #heal()}. Bytes that are already in the buffers of an operating
 * system are out of reach.
 *
 * <p>All methods may be called from any thread. {@link #close()} resets what is open and returns when the last thread has ended.
 */
public final class TcpProxy implements AutoCloseable {
    private final InetSocketAddress address;
    private final Flow toBroker = new Flow();
    private final Flow toClient = new Flow();
    private final Set<ProxyLink> links = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    // Guarded by this.
    private InetSocketAddress target;
    private @Nullable ServerSocket listener;
    private @Nullable Thread acceptor;
    private boolean silent;
    private boolean closed;

    private TcpProxy(InetSocketAddress target, ServerSocket listener) {
        this.target = target;
        address = LoopbackPorts.address(listener.getLocalPort());
    }

    /** A proxy in front of {@code target}, which need not listen yet. */
    public static TcpProxy open(InetSocketAddress target) {
        ServerSocket listener = LoopbackPorts.listen();
        TcpProxy proxy = new TcpProxy(target, listener);
        proxy.accept(listener);
        return proxy;
    }

    /** As {@link #open(InetSocketAddress)}, on a port that was free a moment ago. */
    static TcpProxy open(InetSocketAddress target, int port) {
        try {
            ServerSocket listener = LoopbackPorts.listen(port);
            TcpProxy proxy = new TcpProxy(target, listener);
            proxy.accept(listener);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where clients connect. */
    public InetSocketAddress address() {
        return address;
    }

    /** The port of {@link #address()}. */
    public int port() {
        return address.getPort();
    }

    /** How many connections of clients are open, those that {@link #acceptSilently} holds included. */
    public int openLinks() {
        return links.size();
    }

    /** How many bytes were written in that direction since the proxy was opened, over all links. */
    public long bytesPassed(Direction direction) {
        return sum(direction, Flow::passed);
    }

    /** How many bytes a {@link #blackHole} swallowed in that direction: how a test knows that what was sent is gone for good. */
    public long bytesSwallowed(Direction direction) {
        return sum(direction, Flow::swallowed);
    }

    /** Leads later links to another broker; open ones stay where they are. */
    public synchronized void retarget(InetSocketAddress newTarget) {
        target = Objects.requireNonNull(newTarget);
    }

    /** Ends all open links, on both sides; later ones are accepted as before. */
    public void cut(Cut how) {
        openNow().forEach(link -> link.close(how));
    }

    /**
     * Sends FIN on all open links in that direction, as if the sender had shut down its output. The other direction still flows;
     * what the sender goes on sending is discarded.
     */
    public void halfClose(Direction direction) {
        openNow().forEach(link -> link.halfClose(direction));
    }

    /** Holds bytes back: nothing is lost, nothing moves, and the sender's buffers fill up. */
    public void stall(Direction direction) {
        each(direction, Flow::stall);
    }

    /**
     * Swallows bytes, and FIN too. A link that lost bytes makes no sense to most protocols once the hole is gone: cut it after
     * {@link #heal()}, or see how the two sides find out.
     */
    public void blackHole(Direction direction) {
        each(direction, Flow::blackHole);
    }

    /** Passes each byte on {@code time} after it came in; the rate stays what it is. Rounded up to milliseconds. */
    public void delay(Direction direction, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("negative delay " + time);
        }
        each(direction, flow -> flow.delay(time));
    }

    /** Passes on at most that many bytes at a time. */
    public void limitChunks(Direction direction, int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("chunks of " + bytes + " bytes");
        }
        each(direction, flow -> flow.limitChunks(bytes));
    }

    /**
     * Once that many more bytes have passed in the direction, counted over all links, ends the link that carried the last of them.
     * Happens once. With {@link Cut#FIN} the receiver surely reads all bytes before the end. {@link Direction#BOTH} counts each
     * direction by itself.
     */
    public void cutAfter(Direction direction, long bytes, Cut how) {
        if (bytes < 0) {
            throw new IllegalArgumentException("cut after " + bytes + " bytes");
        }
        each(direction, flow -> flow.cutAfter(bytes, how));
    }

    /** Stops listening: who connects is refused. Open links live on. */
    public void refuseConnections() {
        join(stopListening());
    }

    /** As if the broker had gone: who connects is refused, and open links are reset. */
    public void disappear() {
        refuseConnections();
        cut(Cut.RESET);
    }

    /** Accepts connections and then neither reads nor writes. {@link #heal()} resets those that are still open. */
    public synchronized void acceptSilently() {
        silent = true;
    }

    /** Ends every state and listens again. Cut links stay cut, and swallowed bytes are lost. */
    public void heal() {
        toBroker.heal();
        toClient.heal();
        synchronized (this) {
            silent = false;
            listen();
        }
        links.stream().filter(ProxyLink::silent).forEach(link -> link.close(Cut.RESET));
    }

    /** Resets all links and stops listening. May be called again. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        disappear();
        awaitThreads();
    }

    /** The open links, in a copy: a client may be back before all of them are dealt with, and its new link is a later one. */
    private List<ProxyLink> openNow() {
        return List.copyOf(links);
    }

    private void each(Direction direction, Consumer<Flow> fault) {
        if (direction.covers(Direction.TO_BROKER)) {
            fault.accept(toBroker);
        }
        if (direction.covers(Direction.TO_CLIENT)) {
            fault.accept(toClient);
        }
    }

    private long sum(Direction direction, ToLongFunction<Flow> count) {
        AtomicLong total = new AtomicLong();
        each(direction, flow -> total.addAndGet(count.applyAsLong(flow)));
        return total.get();
    }

    private synchronized void listen() {
        if (listener != null || closed) {
            return;
        }
        try {
            accept(LoopbackPorts.listen(address.getPort()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on " + address + " again", e);
        }
    }

    private synchronized void accept(ServerSocket from) {
        listener = from;
        acceptor = thread("accept", () -> {
            try {
                while (true) {
                    admit(from.accept());
                }
            } catch (IOException e) {
                // The listener was closed.
            }
        });
    }

    /** While a thread waits in accept, the system keeps the socket that it waits on, and goes on completing connections. */
    private synchronized @Nullable Thread stopListening() {
        try {
            if (listener != null) {
                listener.close();
                listener = null;
            }
            return acceptor;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void admit(Socket client) {
        if (closed) {
            Cut.RESET.apply(client);
            return;
        }
        ProxyLink link = new ProxyLink(this, client, silent, toBroker, toClient);
        links.add(link);
        if (!silent) {
            InetSocketAddress current = target;
            thread("to-broker", () -> link.run(current));
        }
    }

    /** Runs on a daemon thread that {@link #close()} waits for. */
    Thread thread(String role, Runnable task) {
        threads.removeIf(old -> !old.isAlive());
        Thread thread = new Thread(task, "tcp-proxy-" + port() + "-" + role);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
        return thread;
    }

    void closed(ProxyLink link) {
        links.remove(link);
        toBroker.wake();
        toClient.wake();
    }

    /** A link may start a thread while this waits; then the thread that starts it is waited for, so look again until there is none. */
    private void awaitThreads() {
        while (!threads.isEmpty() && !Thread.currentThread().isInterrupted()) {
            threads.forEach(TcpProxy::join);
            threads.removeIf(thread -> !thread.isAlive());
        }
    }

    private static void join(@Nullable Thread thread) {
        try {
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
