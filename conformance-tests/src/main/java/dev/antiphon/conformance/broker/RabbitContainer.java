package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import javax.net.SocketFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/** A RabbitMQ server in a container of this JVM. */
final class RabbitContainer implements RabbitBroker {
    static final String IMAGE = "rabbitmq:4.2-alpine";

    private static final String FOLDER = "/conformance";
    private static final String CONFIG_FILE = FOLDER + "/rabbitmq.conf";
    private static final String WIPE_FILE = FOLDER + "/wipe";
    private static final int PORT = 5672;
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    // The data are out of reach while the container is stopped: to wipe them is its first act when it is started.
    private static final String START = "if test -e " + WIPE_FILE + "; then rm -rf /var/lib/rabbitmq/mnesia "
            + WIPE_FILE + "; fi; exec docker-entrypoint.sh rabbitmq-server";

    private final RabbitConfig config;
    private final BrokerContainer container;
    private final String version;
    private final LazyProxy proxy;
    private final RabbitInspector inspector = new RabbitInspector(this::ctl);
    private final RabbitAdmin admin = new RabbitAdmin(this::ctl, inspector);

    private RabbitContainer(RabbitConfig config, BrokerContainer container, String version) {
        this.config = config;
        this.container = container;
        this.version = version;
        proxy = new LazyProxy(address());
    }

    /** Creates a container and starts it. */
    static RabbitContainer open(RabbitConfig config) {
        String clusterName = "test-" + UUID.randomUUID();
        SocketFactory sockets = config.sockets();
        BrokerContainer container = BrokerContainer.open(
                container(config, clusterName),
                Map.of(BrokerContainer.CLIENT_PORT, PORT),
                address -> RabbitGreeting.ask(address, sockets)
                        .filter(greeting -> greeting.clusterName().equals(clusterName))
                        .isPresent());
        String version = RabbitGreeting.ask(container.address(BrokerContainer.CLIENT_PORT), sockets)
                .map(RabbitGreeting::version)
                .orElse("unknown");
        return new RabbitContainer(config, container, version);
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
        return container.address(BrokerContainer.CLIENT_PORT);
    }

    @Override
    public String url() {
        return config.url(address().getPort());
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
    public void wipe() {
        if (!container.stopped()) {
            throw new IllegalStateException("cannot wipe a broker that runs");
        }
        container.container().copyFileToContainer(Transferable.of(""), WIPE_FILE);
    }

    @Override
    public void close() {
        proxy.close();
        container.close();
    }

    private String ctl(String... arguments) {
        String title = "rabbitmqctl " + arguments[0];
        String[] command =
                Stream.concat(Stream.of("rabbitmqctl"), Stream.of(arguments)).toArray(String[]::new);
        try {
            ExecResult result = container.container().execInContainer(command);
            return Command.checked(title, result.getExitCode(), result.getStdout() + result.getStderr());
        } catch (IOException e) {
            throw new BrokerException("cannot run " + title + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw BrokerException.interrupted("running " + title, e);
        }
    }

    private static GenericContainer<?> container(RabbitConfig config, String clusterName) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(IMAGE));
        container
                .withEnv("RABBITMQ_CONFIG_FILE", CONFIG_FILE)
                .withCreateContainerCmdModifier(command -> command.withEntrypoint("sh", "-c"))
                .withCommand(new String[] {START})
                .waitingFor(Wait.forLogMessage(".*Server startup complete.*", 1).withStartupTimeout(START_LIMIT));
        config.render(clusterName, FOLDER, "0.0.0.0:" + PORT)
                .forEach((name, content) ->
                        container.withCopyToContainer(Transferable.of(content), FOLDER + "/" + name));
        return container;
    }
}
