package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A {@code nats-server} process of this JVM, on ports of 127.0.0.1 that it keeps, with a temporary directory of its own. */
public final class NatsServer implements NatsBroker {
    private static final String HOST = "127.0.0.1";
    private static final String CONFIG_FILE = "nats.conf";
    private static final Duration READY_LIMIT = Duration.ofSeconds(30);

    private final Path binary;
    private final NatsConfig config;
    private final String serverName = "test-" + UUID.randomUUID();
    private final TemporaryDirectory directory = TemporaryDirectory.create("nats-server");
    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final LazyProxy proxy;
    private final NatsInspector inspector;
    private final ServerProcess process = new ServerProcess(this::launch, this::greets, READY_LIMIT);

    private volatile String version = "";

    private NatsServer(Path binary, NatsConfig config) {
        this.binary = binary.toAbsolutePath();
        this.config = config;
        ports.put("client", LoopbackPorts.free());
        ports.put("monitor", LoopbackPorts.free());
        config.ports().forEach(name -> ports.put(name, LoopbackPorts.free()));
        config.files().forEach(directory::write);
        directory.write(CONFIG_FILE, config.render(serverName, HOST, ports));
        proxy = new LazyProxy(address());
        inspector = new NatsInspector(
                () -> URI.create("http://" + HOST + ":" + address("monitor").getPort()));
    }

    /** Creates a server and starts it. */
    public static NatsServer open(Path binary, NatsConfig config) {
        NatsServer server = new NatsServer(binary, config);
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
        return "native " + binary;
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
        return address("client");
    }

    @Override
    public InetSocketAddress address(String portName) {
        Integer port = ports.get(portName);
        if (port == null) {
            throw new IllegalArgumentException("no port " + portName + " among " + ports.keySet());
        }
        return LoopbackPorts.address(port);
    }

    @Override
    public String url() {
        return config.scheme() + "://" + HOST + ":" + address().getPort();
    }

    @Override
    public TcpProxy proxy() {
        return proxy.open();
    }

    @Override
    public NatsInspector inspector() {
        return inspector;
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
    public void close() {
        try (directory;
                proxy) {
            process.close();
        }
    }

    private ChildProcess launch() {
        List<String> command = List.of(binary.toString(), "-c", CONFIG_FILE);
        return ChildProcess.start(directory, "nats-server", command, Map.of());
    }

    /** Another server may have been faster to take the port: the name tells. */
    private boolean greets() {
        Optional<NatsGreeting> greeting =
                NatsGreeting.ask(address()).filter(some -> some.serverName().equals(serverName));
        greeting.ifPresent(ours -> version = ours.version());
        return greeting.isPresent();
    }
}
