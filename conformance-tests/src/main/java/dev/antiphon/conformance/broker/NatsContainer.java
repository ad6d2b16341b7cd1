package dev.antiphon.conformance.broker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Ports;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.ToStringConsumer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * A {@code nats-server} in a container of this JVM.
 *
 * <p>Docker gives a restarted container other ports of the host. So clients see the ports of {@link TcpProxy}s that stand in front
 * for good and are led to the new places. While the server is down they refuse connections, as the host of a stopped process does.
 */
final class NatsContainer implements NatsBroker {
    static final String IMAGE = "nats:2.12-alpine";

    private static final String FOLDER = "/conformance/";
    private static final String CONFIG_FILE = "nats.conf";
    private static final int FIRST_PORT = 4222;
    private static final int STOP_SECONDS = 10;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

    private final NatsConfig config;
    private final String serverName;
    private final Map<String, Integer> ports;
    private final GenericContainer<?> container;
    private final DockerClient docker;
    private final Map<String, TcpProxy> fronts = new LinkedHashMap<>();
    private final LazyProxy proxy;
    private final NatsInspector inspector;

    // Guarded by this.
    private State state = State.RUNNING;
    private String version = "";

    private enum State {
        RUNNING,
        PAUSED,
        STOPPED,
        CLOSED
    }

    private NatsContainer(
            NatsConfig config, String serverName, Map<String, Integer> ports, GenericContainer<?> container) {
        this.config = config;
        this.serverName = serverName;
        this.ports = ports;
        this.container = container;
        docker = container.getDockerClient();
        ports.forEach((name, port) -> fronts.put(name, TcpProxy.open(published(port))));
        proxy = new LazyProxy(address());
        inspector = new NatsInspector(
                () -> URI.create("http://127.0.0.1:" + address("monitor").getPort()));
    }

    /** Creates a container and starts it. */
    static NatsContainer open(NatsConfig config) {
        String serverName = "test-" + UUID.randomUUID();
        Map<String, Integer> ports = ports(config);
        GenericContainer<?> container = container(config, serverName, ports);
        ToStringConsumer log = new ToStringConsumer();
        container.withLogConsumer(log);
        try {
            container.start();
            NatsContainer broker = new NatsContainer(config, serverName, ports, container);
            await("greet", broker::greets);
            return broker;
        } catch (RuntimeException e) {
            container.stop();
            throw new BrokerException(e.getMessage() + ". The log of the container:\n" + log.toUtf8String(), e);
        }
    }

    @Override
    public String origin() {
        return "docker " + IMAGE;
    }

    @Override
    public synchronized String version() {
        return version;
    }

    @Override
    public InetSocketAddress address() {
        return address("client");
    }

    @Override
    public InetSocketAddress address(String portName) {
        TcpProxy front = fronts.get(portName);
        if (front == null) {
            throw new IllegalArgumentException("no port " + portName + " among " + fronts.keySet());
        }
        return front.address();
    }

    @Override
    public String url() {
        return config.scheme() + "://127.0.0.1:" + address().getPort();
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
    public synchronized void start() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("this broker was closed");
        }
        if (state == State.STOPPED) {
            docker.startContainerCmd(id()).exec();
            fronts.forEach((name, front) -> front.retarget(published(ports.getOrDefault(name, 0))));
            await("start", this::greets);
            fronts.values().forEach(TcpProxy::heal);
            state = State.RUNNING;
        }
    }

    @Override
    public synchronized void stop() {
        end(id -> docker.stopContainerCmd(id).withTimeout(STOP_SECONDS).exec());
    }

    @Override
    public synchronized void kill() {
        end(id -> docker.killContainerCmd(id).exec());
    }

    @Override
    public synchronized void pause() {
        if (state == State.STOPPED || state == State.CLOSED) {
            throw new IllegalStateException("cannot pause a broker that is stopped");
        }
        if (state == State.RUNNING) {
            docker.pauseContainerCmd(id()).exec();
            state = State.PAUSED;
        }
    }

    @Override
    public synchronized void resume() {
        if (state == State.PAUSED) {
            docker.unpauseContainerCmd(id()).exec();
            state = State.RUNNING;
        }
    }

    @Override
    public synchronized void close() {
        state = State.CLOSED;
        proxy.close();
        fronts.values().forEach(TcpProxy::close);
        container.stop();
    }

    private void end(Consumer<String> command) {
        resume();
        if (state != State.RUNNING) {
            return;
        }
        fronts.values().forEach(TcpProxy::refuseConnections);
        command.accept(id());
        await("stop", () -> !running());
        fronts.values().forEach(front -> front.cut(Cut.FIN));
        state = State.STOPPED;
    }

    private boolean running() {
        return Boolean.TRUE.equals(
                docker.inspectContainerCmd(id()).exec().getState().getRunning());
    }

    private String id() {
        return container.getContainerId();
    }

    /** Where Docker publishes that port of the container just now. */
    private InetSocketAddress published(int port) {
        Ports.Binding[] bindings = docker.inspectContainerCmd(id())
                .exec()
                .getNetworkSettings()
                .getPorts()
                .getBindings()
                .get(ExposedPort.tcp(port));
        if (bindings == null || bindings.length == 0) {
            throw new BrokerException("Docker does not publish port " + port + ". The log:\n" + container.getLogs());
        }
        return new InetSocketAddress(container.getHost(), Integer.parseInt(bindings[0].getHostPortSpec()));
    }

    private synchronized boolean greets() {
        Optional<NatsGreeting> greeting = NatsGreeting.ask(published(ports.getOrDefault("client", 0)))
                .filter(some -> some.serverName().equals(serverName));
        greeting.ifPresent(ours -> version = ours.version());
        return greeting.isPresent();
    }

    private static void await(String what, BooleanSupplier condition) {
        Awaitility.await("the container to " + what)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL_INTERVAL)
                .atMost(LIMIT)
                .until(condition::getAsBoolean);
    }

    private static Map<String, Integer> ports(NatsConfig config) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("client", FIRST_PORT);
        ports.put("monitor", FIRST_PORT + 1);
        config.ports().forEach(name -> ports.put(name, FIRST_PORT + ports.size()));
        return ports;
    }

    private static GenericContainer<?> container(NatsConfig config, String serverName, Map<String, Integer> ports) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(IMAGE));
        container
                .withExposedPorts(ports.values().toArray(Integer[]::new))
                .withWorkingDirectory(FOLDER)
                .withCopyToContainer(Transferable.of(config.render(serverName, "0.0.0.0", ports)), FOLDER + CONFIG_FILE)
                // Said outright, because images of NATS differ in what they make of a bare option.
                .withCreateContainerCmdModifier(command -> command.withEntrypoint("nats-server"))
                .withCommand("-c", CONFIG_FILE)
                .waitingFor(Wait.forLogMessage(".*Server is ready.*", 1));
        config.files()
                .forEach((name, content) -> container.withCopyToContainer(Transferable.of(content), FOLDER + name));
        return container;
    }
}
