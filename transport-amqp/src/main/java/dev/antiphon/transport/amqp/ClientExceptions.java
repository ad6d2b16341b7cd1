package dev.antiphon.transport.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.ExceptionHandler;
import com.rabbitmq.client.TopologyRecoveryException;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.TransportEvents;

/** What the native client's threads ran into. A lost connection is told elsewhere; all else would be a defect of ours. */
final class ClientExceptions implements ExceptionHandler {

    private final TransportEvents events;

    ClientExceptions(TransportEvents events) {
        this.events = events;
    }

    private void defect(String where, Throwable exception) {
        events.error(new AntiphonException(ErrorCode.INTERNAL, "a " + where + " threw", exception));
    }

    @Override
    public void handleUnexpectedConnectionDriverException(Connection connection, Throwable exception) {
        // the connection's shutdown has this as its cause
    }

    @Override
    public void handleReturnListenerException(Channel channel, Throwable exception) {
        defect("return listener", exception);
    }

    @Override
    public void handleConfirmListenerException(Channel channel, Throwable exception) {
        defect("confirm listener", exception);
    }

    @Override
    public void handleBlockedListenerException(Connection connection, Throwable exception) {
        defect("blocked listener", exception);
    }

    @Override
    public void handleConsumerException(
            Channel channel, Throwable exception, Consumer consumer, String consumerTag, String methodName) {
        defect("handler", exception);
    }

    @Override
    public void handleConnectionRecoveryException(Connection connection, Throwable exception) {
        defect("recovery that is switched off", exception);
    }

    @Override
    public void handleChannelRecoveryException(Channel channel, Throwable exception) {
        defect("recovery that is switched off", exception);
    }

    @Override
    public void handleTopologyRecoveryException(
            Connection connection, Channel channel, TopologyRecoveryException exception) {
        defect("recovery that is switched off", exception);
    }
}
