package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A Kafka broker in a JVM that this JVM starts, on ports of 127.0.0.1 that it keeps, with a temporary directory of its own. */
public final class KafkaServer implements KafkaBroker {
    private static final String HOST = "127.0.0.1";
    private static final String CONFIG_FILE = "server.properties";
    private static final String STARTED = "Kafka Server started";
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);

    private final KafkaClassPath classPath;
    private final KafkaConfig config;
    private final Function<String, List<String>> command;
    private final TemporaryDirectory directory = TemporaryDirectory.create("kafka");
    private final KafkaPorts ports;
    private final KafkaNode node;
    private final int behindProxy = LoopbackPorts.free();
    private TcpProxy proxy;

    private final ServerProcess process = new ServerProcess(this::launch, this::hasStarted, READY_LIMIT);

    /** How often it had said that it is ready, when it was started last. */
    private volatile int before;

    /**
     * @param nodeAt which broker of a cluster it is
     * @param command what starts it with a configuration file
     */
    private KafkaServer(
            KafkaClassPath classPath,
            KafkaConfig config,
            Function<KafkaPorts, KafkaNode> nodeAt,
            Function<String, List<String>> command) {
        this.classPath = classPath;
        this.config = config;
        this.command = command;
        proxy = TcpProxy.open(LoopbackPorts.address(behindProxy));
        ports = KafkaPorts.free(proxy.port(), behindProxy);
        node = nodeAt.apply(ports);
        config.files().forEach(directory::write);
        directory.write(CONFIG_FILE, config.render(ports, node));
        format();
    }

    private void format() {
        KafkaStorage.of(classPath, config.scram()).copyTo(directory.file("data"), node);
    }

    /** Creates a broker and starts it. */
    static KafkaServer open(KafkaClassPath classPath, KafkaConfig config) {
        return start(new KafkaServer(classPath, config, KafkaNode::alone, usual(classPath, config)));
    }

    /** Creates another broker in the cluster of a controller, and starts it. */
    static KafkaServer open(KafkaServer controller, int id) {
        return start(new KafkaServer(
                controller.classPath, controller.config, ports -> controller.node.withId(id), controller.command));
    }

    private static Function<String, List<String>> usual(KafkaClassPath classPath, KafkaConfig config) {
        return configFile -> classPath.broker(configFile, config.isForLoad());
    }

    /** Starts a broker, and stops it when it serves clients. */
    static void runOnce(KafkaClassPath classPath, Function<String, List<String>> command) {
        try (KafkaServer server = start(new KafkaServer(classPath, KafkaConfig.plain(), KafkaNode::alone, command))) {
            server.stop();
        }
    }

    private static KafkaServer start(KafkaServer server) {
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
        return "a JVM with kafka " + classPath.version();
    }

    @Override
    public String version() {
        return classPath.version();
    }

    /** The process id, while it runs or is paused. */
    public Optional<Long> pid() {
        return process.pid();
    }

    @Override
    public InetSocketAddress address() {
        return LoopbackPorts.address(ports.client());
    }

    @Override
    public String url() {
        return config.scheme() + "://" + HOST + ":" + ports.client();
    }

    @Override
    public synchronized TcpProxy proxy() {
        return proxy;
    }

    /** Another proxy in the place of the one before, as if nothing had happened to it. */
    synchronized TcpProxy renewProxy() {
        proxy.close();
        proxy = TcpProxy.open(LoopbackPorts.address(behindProxy), ports.proxy());
        return proxy;
    }

    /** Kafka tells clients where to connect, so that only the proxy whose address it knows stands in between. */
    @Override
    public String urlThrough(TcpProxy through) {
        if (through != proxy()) {
            throw new UnsupportedOperationException("only proxy() can stand in front of a Kafka broker");
        }
        return config.scheme() + "://" + HOST + ":" + ports.proxy();
    }

    /** A broker knows its clients by what they do with it only, and that is the transport's: a fixture brings its own. */
    @Override
    public BrokerInspector inspector() {
        throw new UnsupportedOperationException("the fixture of the transport inspects its broker");
    }

    private ChildProcess launch() {
        before = starts();
        return ChildProcess.start(directory, "kafka", command.apply(CONFIG_FILE), Map.of());
    }

    private boolean hasStarted() {
        return starts() > before;
    }

    /** How often it has said that it is ready. */
    private int starts() {
        Path log = directory.file("kafka.log");
        try {
            return Files.exists(log) ? new String(Files.readAllBytes(log), UTF_8).split(STARTED, -1).length - 1 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    /** Loses all that it has stored, and is of the same cluster nevertheless, as a container without a volume. While it does not run. */
    public void loseEverything() {
        TemporaryDirectory.remove(directory.file("data"));
        format();
    }

    @Override
    public void close() {
        try (directory) {
            process.close();
        } finally {
            proxy().close();
        }
    }
}
