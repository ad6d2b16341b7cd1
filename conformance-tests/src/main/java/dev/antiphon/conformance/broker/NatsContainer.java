package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/** A {@code nats-server} in a container of this JVM. */
final class NatsContainer implements NatsBroker {
    static final String IMAGE = "nats:2.12-alpine";

    private static final String FOLDER = "/conformance/";
    private static final String CONFIG_FILE = "nats.conf";
    private static final int FIRST_PORT = 4222;

    private final NatsConfig config;
    private final BrokerContainer container;
    private final String version;
    private final LazyProxy proxy;
    private final NatsInspector inspector;

    private NatsContainer(NatsConfig config, BrokerContainer container, String version) {
        this.config = config;
        this.container = container;
        this.version = version;
        proxy = new LazyProxy(address());
        inspector = new NatsInspector(
                () -> URI.create("http://127.0.0.1:" + address("monitor").getPort()));
    }

    /** Creates a container and starts it. */
    static NatsContainer open(NatsConfig config) {
        String serverName = "test-" + UUID.randomUUID();
        Map<String, Integer> ports = ports(config);
        BrokerContainer container = BrokerContainer.open(
                container(config, serverName, ports),
                ports,
                address -> NatsGreeting.ask(address)
                        .filter(greeting -> greeting.serverName().equals(serverName))
                        .isPresent());
        String version = NatsGreeting.ask(container.address(BrokerContainer.CLIENT_PORT))
                .map(NatsGreeting::version)
                .orElse("unknown");
        return new NatsContainer(config, container, version);
    }

    @Override
    public String origin() {
        return "docker " + IMAGE;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public InetSocketAddress address() {
        return address(BrokerContainer.CLIENT_PORT);
    }

    @Override
    public InetSocketAddress address(String portName) {
        return container.address(portName);
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
    public void start() {
        container.start();
    }

    @Override
    public void stop() {
        container.stop();
    }

    @Override
    public void kill() {
        container.kill();
    }

    @Override
    public void pause() {
        container.pause();
    }

    @Override
    public void resume() {
        container.resume();
    }

    @Override
    public void close() {
        proxy.close();
        container.close();
    }

    private static Map<String, Integer> ports(NatsConfig config) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put(BrokerContainer.CLIENT_PORT, FIRST_PORT);
        ports.put("monitor", FIRST_PORT + 1);
        config.ports().forEach(name -> ports.put(name, FIRST_PORT + ports.size()));
        return ports;
    }

    private static GenericContainer<?> container(NatsConfig config, String serverName, Map<String, Integer> ports) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(IMAGE));
        container
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
