package dev.antiphon.transport.amqp;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What lives on a channel of the connection, and moves to the next connection when that one is lost. */
interface Resident {

    /** Where {@link #attach} is called, if the broker may leave it without an answer; null for the admin thread. */
    default @Nullable SerialTasks apart() {
        return null;
    }

    /** Opens a channel and declares what is needed, unless that was done on this session. Waits for the broker. */
    void attach(Session session) throws IOException;

    /** The channel, or the connection with it, is gone. Does not block. */
    void detach();

    /** The lane that it sends on, or null. */
    @Nullable
    Lane lane();
}
