package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Brokers that serve one test after the other, for those that take seconds to start. A broker comes back when it is closed, and is
 * cleaned for the next; one that does not run any more, or can not be cleaned, is closed for good.
 *
 * <p>Any thread.
 */
public final class BrokerPool<B extends BrokerControl> implements AutoCloseable {
    private final Supplier<B> open;
    private final Consumer<B> clean;
    private final Function<B, TcpProxy> openProxy;
    private final Deque<B> free = new ArrayDeque<>();
    private volatile Consumer<B> beforeKill = broker -> {};
    private boolean closed;

    /**
     * A pool without brokers yet.
     *
     * @param open starts one
     * @param clean removes what a test left in one that runs
     */
    public BrokerPool(Supplier<B> open, Consumer<B> clean) {
        this(open, clean, broker -> TcpProxy.open(broker.address()));
    }

    /** As the other one, for brokers before which not every proxy can stand. */
    BrokerPool(Supplier<B> open, Consumer<B> clean, Function<B, TcpProxy> openProxy) {
        this.open = open;
        this.clean = clean;
        this.openProxy = openProxy;
    }

    /** From now on this is done to a broker that runs before it is killed. */
    public BrokerPool<B> beforeKill(Consumer<B> task) {
        beforeKill = task;
        return this;
    }

    /** One that runs and belongs to the caller alone, who closes it. */
    public BrokerControl take() {
        B broker;
        synchronized (this) {
            broker = free.poll();
        }
        return new Lease(broker == null ? open.get() : broker);
    }

    /** Closes those that are not in use, now, and the others when they come back. */
    @Override
    public void close() {
        Deque<B> last;
        synchronized (this) {
            closed = true;
            last = new ArrayDeque<>(free);
            free.clear();
        }
        last.forEach(BrokerControl::close);
    }

    private void giveBack(B broker, boolean runs) {
        if (!runs || !cleaned(broker) || !keep(broker)) {
            broker.close();
        }
    }

    private boolean cleaned(B broker) {
        try {
            clean.accept(broker);
            return true;
        } catch (BrokerException e) {
            return false; // it is not in the state it was thought to be in
        }
    }

    private synchronized boolean keep(B broker) {
        return !closed && free.add(broker);
    }

    /** A broker while one test has it. The proxy is the test's own. */
    private final class Lease implements BrokerControl {
        private final B broker;
        private final LazyProxy proxy;
        private boolean runs = true;
        private boolean paused;
        private boolean ended;

        Lease(B broker) {
            this.broker = broker;
            proxy = new LazyProxy(() -> openProxy.apply(broker));
        }

        @Override
        public String origin() {
            return broker.origin();
        }

        @Override
        public String version() {
            return broker.version();
        }

        @Override
        public InetSocketAddress address() {
            return broker.address();
        }

        @Override
        public String url() {
            return broker.url();
        }

        @Override
        public TcpProxy proxy() {
            return proxy.open();
        }

        @Override
        public BrokerInspector inspector() {
            return broker.inspector();
        }

        @Override
        public void start() {
            act(BrokerControl::start, true);
        }

        @Override
        public void stop() {
            act(BrokerControl::stop, false);
        }

        @Override
        public void kill() {
            act(this::kill, false);
        }

        @Override
        public synchronized void pause() {
            act(BrokerControl::pause, false);
            paused = true;
        }

        @Override
        public void resume() {
            act(BrokerControl::resume, true);
        }

        private void kill(B running) {
            if (runs) {
                beforeKill.accept(running);
            }
            running.kill();
        }

        private synchronized void act(Consumer<B> act, boolean runsThen) {
            if (ended) {
                throw new IllegalStateException("this broker was closed");
            }
            try {
                act.accept(broker);
                runs = runsThen;
                paused = false;
            } catch (RuntimeException e) {
                runs = false; // nobody knows
                throw e;
            }
        }

        @Override
        public synchronized void close() {
            if (!ended) {
                if (paused) {
                    resume();
                }
                ended = true;
                proxy.close();
                giveBack(broker, runs);
            }
        }

        @Override
        public String toString() {
            return broker.toString();
        }
    }
}
