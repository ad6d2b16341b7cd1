package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.net.SocketFactory;

/**
 * A RabbitMQ process of this JVM, on a port of 127.0.0.1 that it keeps, with a temporary directory, an Erlang cookie and an
 * {@link Epmd} of its own. Nothing of it is left when the JVM ends, however that ends.
 */
public final class RabbitServer implements RabbitBroker {
    private static final Duration READY_LIMIT = Duration.ofMinutes(2);
    private static final String NO_PLUGINS = "[].";

    private final Path program;
    private final RabbitConfig config;
    private final SocketFactory sockets;
    private final String clusterName = "test-" + UUID.randomUUID();
    private final int port = LoopbackPorts.free();
    private final LazyProxy proxy = new LazyProxy(LoopbackPorts.address(port));
    private final ServerProcess process = new ServerProcess(this::launch, this::greets, READY_LIMIT);
    private final TemporaryDirectory directory = TemporaryDirectory.create(RabbitBrokers.PROGRAM);
    private final Epmd epmd;
    private final RabbitNode node;
    private final RabbitInspector inspector;
    private final RabbitAdmin admin;

    private volatile String version = "";

    private RabbitServer(Path program, String searchPath, Epmd epmd, RabbitConfig config) {
        this.program = program.toAbsolutePath();
        this.epmd = epmd;
        this.config = config;
        sockets = config.sockets();
        config.render(clusterName, directory.path().toString(), "127.0.0.1:" + port)
                .forEach(directory::write);
        directory.write("enabled_plugins", NO_PLUGINS.getBytes(UTF_8));
        node = new RabbitNode(this.program, searchPath, directory.path(), epmd.port(), process::pid);
        inspector = new RabbitInspector(node);
        admin = new RabbitAdmin(node, inspector);
    }

    /**
     * Creates a server and starts it.
     *
     * @param program {@code rabbitmq-server}, as RabbitMQ itself provides it
     * @param searchPath where {@code erl} and {@code epmd} are
     */
    public static RabbitServer open(Path program, String searchPath, RabbitConfig config) {
        Epmd epmd = Epmd.open(searchPath);
        RabbitServer server = new RabbitServer(program, searchPath, epmd, config);
        try {
            server.start();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    @Override
    public String origin() {
        return "native " + program;
    }

    @Override
    public String version() {
        return version;
    }

    /** The process id, while it runs or is paused. */
    public Optional<Long> pid() {
        return process.pid();
    }

    @Override
    public InetSocketAddress address() {
        return LoopbackPorts.address(port);
    }

    @Override
    public String url() {
        return config.url(port);
    }

    @Override
    public TcpProxy proxy() {
        return proxy.open();
    }

    @Override
    public RabbitInspector inspector() {
        return inspector;
    }

    @Override
    public RabbitAdmin admin() {
        return admin;
    }

    @Override
    public void start() {
        process.start();
    }

    @Override
    public void stop() {
        process.stop();
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public void pause() {
        process.pause();
    }

    @Override
    public void resume() {
        process.resume();
    }

    @Override
    public void wipe() {
        if (pid().isPresent()) {
            throw new IllegalStateException("cannot wipe a broker that runs");
        }
        TemporaryDirectory.remove(node.data());
    }

    @Override
    public void close() {
        try (directory;
                epmd;
                proxy) {
            process.close();
        }
    }

    Path directory() {
        return directory.path();
    }

    RabbitNode node() {
        return node;
    }

    private ChildProcess launch() {
        return ChildProcess.start(directory, RabbitBrokers.PROGRAM, node.serverCommand(), Map.of());
    }

    /** Another server may have been faster to take the port: the name tells. */
    private boolean greets() {
        Optional<RabbitGreeting> greeting = RabbitGreeting.ask(address(), sockets)
                .filter(some -> some.clusterName().equals(clusterName));
        greeting.ifPresent(ours -> version = ours.version());
        return greeting.isPresent();
    }
}
