package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.TransportListener;

/** One who does not care. */
final class Silent implements TransportListener {
    @Override
    public void onState(ConnectionState state, AntiphonException cause) {}

    @Override
    public void onReplyChannelMoved(ReplyChannel channel) {}

    @Override
    public void onSlowConsumer(String slow) {}

    @Override
    public void onError(AntiphonException error) {}
}
