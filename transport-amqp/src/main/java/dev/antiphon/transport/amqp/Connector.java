package dev.antiphon.transport.amqp;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.antiphon.AntiphonException;
import dev.antiphon.spi.TlsOptions;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportConfig.Address;
import dev.antiphon.spi.TransportEvents;
import dev.antiphon.spi.TransportThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Makes connections: one round over the addresses. */
final class Connector {

    private static final int PORT = 5672;
    private static final int TLS_PORT = 5671;
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    private final TransportConfig config;
    private final TransportThreads threads;
    private final ClientExceptions exceptions;
    private final String name;
    private final int timeoutMillis;
    private final int answerMillis;
    private @Nullable SSLContext tls;
    private @Nullable Wire trying;
    private boolean givenUp;

    private Connector(
            TransportConfig config, TransportThreads threads, TransportEvents events, String name, int patience) {
        this.config = config;
        this.threads = threads;
        this.name = name;
        exceptions = new ClientExceptions(events);
        timeoutMillis = Math.toIntExact(config.duration(AmqpOptions.CONNECT_TIMEOUT)
                .orElse(DEFAULT_TIMEOUT)
                .toMillis());
        answerMillis = patience * timeoutMillis;
    }

    /** Makes the connections that are used. */
    static Connector of(TransportConfig config, TransportThreads threads, TransportEvents events) {
        return new Connector(config, threads, events, config.connectionName(), 2);
    }

    /** Makes those of {@link Scouts}, which are given up sooner. */
    static Connector ofScouts(TransportConfig config, TransportThreads threads, TransportEvents events) {
        return new Connector(config, threads, events, config.connectionName() + " (trying queues)", 1);
    }

    /** How long each answer of the broker may take. */
    Duration patience() {
        return Duration.ofMillis(answerMillis);
    }

    /**
     * Connects to the first address that takes us. Blocks.
     *
     * @throws AntiphonException saying why none does
     */
    Session connect() {
        List<Exception> problems = new ArrayList<>();
        for (Address address : config.addresses()) {
            try {
                return connect(address);
            } catch (IOException | TimeoutException | RuntimeException e) {
                problems.add(e);
                if (ConnectFailure.isFinal(e)) {
                    break;
                }
            }
        }
        throw ConnectFailure.of(config.toString(), problems);
    }

    /**
     * Connects to where that session leads. Blocks.
     *
     * @throws AntiphonException saying why not
     */
    Session connectLike(Session session) {
        try {
            return connect(session.address);
        } catch (IOException | TimeoutException | RuntimeException e) {
            throw ConnectFailure.of(config.toString(), List.of(e));
        }
    }

    private Session connect(Address address) throws IOException, TimeoutException {
        Wire wire = isTls() ? new TlsWire(tlsContext(), address.host()) : new PlainWire();
        Outbox outbox = new Outbox(wire, threads.name("writer"));
        if (!attempting(wire)) {
            wire.close();
            throw new IOException("the transport is being closed");
        }
        try {
            Connection connection = factory(new ClientSocket(wire, outbox))
                    .newConnection(new InlineExecutor(), List.of(target(address)), name);
            return new Session(connection, address, outbox, wire);
        } catch (IOException | TimeoutException | RuntimeException e) {
            outbox.close();
            wire.close();
            throw e;
        } finally {
            attempting(null);
        }
    }

    private synchronized boolean attempting(@Nullable Wire wire) {
        trying = wire;
        return !givenUp;
    }

    /** Ends the attempt that is going on, and all to come. */
    synchronized void giveUp() {
        givenUp = true;
        if (trying != null) {
            trying.close();
        }
    }

    private com.rabbitmq.client.Address target(Address address) {
        int port = address.port() < 0 ? (isTls() ? TLS_PORT : PORT) : address.port();
        return new com.rabbitmq.client.Address(address.host(), port);
    }

    private ConnectionFactory factory(Socket socket) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        config.user().ifPresent(factory::setUsername);
        config.password().ifPresent(factory::setPassword);
        factory.setVirtualHost(config.path().isEmpty() ? "/" : config.path());
        factory.setConnectionTimeout(timeoutMillis);
        factory.setHandshakeTimeout(2 * timeoutMillis); // the client grants each step half of it
        factory.setChannelRpcTimeout(answerMillis);
        factory.setRequestedHeartbeat(Math.toIntExact(
                config.duration(AmqpOptions.HEARTBEAT).orElse(DEFAULT_TIMEOUT).toSeconds()));
        factory.setMaxInboundMessageBodySize(Integer.MAX_VALUE); // the broker has a limit
        factory.setThreadFactory(threads.factory());
        factory.setHeartbeatExecutor(threads.timer());
        factory.setExceptionHandler(exceptions);
        factory.setSocketFactory(new OneSocket(socket));
        return factory;
    }

    private boolean isTls() {
        return config.scheme().equals(AmqpTransportProvider.TLS_SCHEME);
    }

    private SSLContext tlsContext() {
        SSLContext context = tls;
        if (context == null) {
            context = TlsOptions.context(config);
            tls = context;
        }
        return context;
    }

    /** Gives the client the socket that was made for it. */
    private static final class OneSocket extends SocketFactory {

        private final Socket socket;

        OneSocket(Socket socket) {
            this.socket = socket;
        }

        @Override
        public Socket createSocket() {
            return socket;
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }
    }
}
