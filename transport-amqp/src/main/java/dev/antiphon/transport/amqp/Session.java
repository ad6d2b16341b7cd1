package dev.antiphon.transport.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.TransportConfig.Address;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One connection, from the handshake until it is lost or closed. */
final class Session {

    final Connection connection;
    final Address address;
    private final Outbox outbox;
    private final Wire wire;
    private volatile @Nullable String blocked;

    /** @param address that it was made to */
    Session(Connection connection, Address address, Outbox outbox, Wire wire) {
        this.connection = connection;
        this.address = address;
        this.outbox = outbox;
        this.wire = wire;
    }

    /** Opens a channel. Waits for the broker. */
    Lane openLane() throws IOException {
        Channel channel = connection.createChannel();
        if (channel == null) {
            throw new AntiphonException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "all " + connection.getChannelMax() + " channels of the connection are in use; every subscription "
                            + "takes one");
        }
        return new Lane(channel, outbox);
    }

    /** Why the broker takes no messages, or null if it does. */
    @Nullable
    String blocked() {
        return blocked;
    }

    void blocked(@Nullable String reason) {
        blocked = reason;
    }

    /** Whether the connection can be used, as far as anybody knows: its writer may have found out before its reader. */
    boolean isOpen() {
        return connection.isOpen() && !outbox.isClosed();
    }

    /** The largest frame; the headers of a message are one. 0 for no limit. */
    int frameMax() {
        return connection.getFrameMax();
    }

    /** Whether the calling thread is the one that reads from the connection. */
    boolean isReader() {
        return outbox.isReader();
    }

    /** Closes with a handshake that takes no longer than that, and at once then. Blocks. */
    void close(long limitMillis) {
        connection.abort(200, "OK", Math.toIntExact(Math.max(1, limitMillis)));
        outbox.close();
        wire.close();
    }

    /** Closes without a handshake. */
    void cut() {
        wire.close();
    }
}
