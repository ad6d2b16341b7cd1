package dev.antiphon.transport.amqp;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Connections on which it is tried whether a queue can be consumed from.
 *
 * <p>Who consumes from a quorum queue that has no leader gets no answer; after a minute the broker closes the connection, with all
 * that lives on it. So those queues are tried on a connection that nothing else needs, which those share who try at the same time.
 *
 * <p>Any thread.
 */
final class Scouts {

    private static final long FAREWELL_MILLIS = 500;

    private final Connector connector;

    /** Those in use. Guarded by this. */
    private final Set<Scout> scouts = new HashSet<>();

    /** The one to join. Guarded by this. */
    private @Nullable Scout joined;

    private boolean closed;

    Scouts(Connector connector) {
        this.connector = connector;
    }

    /** How long each answer may take. */
    Duration patience() {
        return connector.patience();
    }

    /** One such connection, to the broker of that session; whoever gets it closes it. Blocks. */
    synchronized Scout enter(Session of) {
        Scout scout = joined;
        if (scout == null || scout.of != of || !scout.session.isOpen()) {
            scout = new Scout(of, connector.connectLike(of));
            scouts.add(scout);
            joined = scout;
        }
        scout.users++;
        if (closed) {
            scout.session.cut();
        }
        return scout;
    }

    /** Ends all that is being tried. */
    void close() {
        connector.giveUp();
        synchronized (this) {
            closed = true;
            scouts.forEach(scout -> scout.session.cut());
        }
    }

    private synchronized boolean isLeftByLast(Scout scout) {
        scout.users--;
        if (scout.users > 0) {
            return false;
        }
        scouts.remove(scout);
        forget(scout);
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // it is about this very one
    private synchronized void forget(Scout scout) {
        if (joined == scout) {
            joined = null;
        }
    }

    /** The connection, for one of those who share it. */
    final class Scout implements AutoCloseable {

        final Session session;
        private final Session of;
        private volatile boolean spoiled;

        /** Guarded by the scouts. */
        private int users;

        private Scout(Session of, Session session) {
            this.of = of;
            this.session = session;
        }

        /** A channel of it hangs: nobody else joins. */
        void spoil() {
            spoiled = true;
            forget(this);
        }

        @Override
        public void close() {
            if (isLeftByLast(this)) {
                session.close(spoiled ? 1 : FAREWELL_MILLIS);
            }
        }
    }
}
