package dev.antiphon.transport.nats;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the native client. While it connects, the client tells its listener what its exception will not say; so that is
 * collected. Of the rest, only that the client gave up is news: {@link NatsPort} knows everything else earlier.
 */
final class ClientListener implements ErrorListener, ConnectionListener {

    private static final Logger log = LoggerFactory.getLogger(ClientListener.class);
    private static final int MAX_COLLECTED = 16;

    private final NatsLink link;
    private final List<Throwable> collected = new ArrayList<>();

    ClientListener(NatsLink link) {
        this.link = link;
    }

    NatsLink link() {
        return link;
    }

    @Override
    public void exceptionOccurred(Connection connection, Exception exception) {
        Throwable cause = exception instanceof ExecutionException && exception.getCause() != null
                ? exception.getCause()
                : exception;
        log.debug("the native client reports", cause);
        collect(cause);
    }

    /** One more reason why a connection could not be made. */
    synchronized void collect(Throwable cause) {
        if (collected.size() == MAX_COLLECTED) {
            collected.remove(0);
        }
        collected.add(cause);
    }

    /** What was collected last, if anything was. */
    synchronized @Nullable Throwable last() {
        return collected.isEmpty() ? null : collected.get(collected.size() - 1);
    }

    /** What was collected so far. */
    synchronized List<Throwable> collected() {
        return List.copyOf(collected);
    }

    @Override
    @Deprecated
    public void connectionEvent(Connection connection, Events type) {
        log.debug("the native client is {}", type);
        if (type == Events.CLOSED) {
            link.clientGaveUp();
        }
    }
}
