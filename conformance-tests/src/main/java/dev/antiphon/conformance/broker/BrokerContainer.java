package dev.antiphon.conformance.broker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Ports;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.ToStringConsumer;

/**
 * The container of a server: what {@link BrokerControl} says of start, stop, kill, pause and resume.
 *
 * <p>Docker gives a restarted container other ports of the host. So clients see the ports of {@link TcpProxy}s that stand in front
 * for good and are led to the new places. While the server is down they refuse connections, as the host of a stopped process does.
 */
final class BrokerContainer implements AutoCloseable {
    /** The name of the port that clients of the broker connect to. */
    static final String CLIENT_PORT = "client";

    private static final int STOP_SECONDS = 30;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

    private final GenericContainer<?> container;
    private final Map<String, Integer> ports;
    private final Predicate<InetSocketAddress> ready;
    private final DockerClient docker;
    private final Map<String, TcpProxy> fronts = new LinkedHashMap<>();

    // Guarded by this.
    private State state = State.RUNNING;

    private enum State {
        RUNNING,
        PAUSED,
        STOPPED,
        CLOSED
    }

    private BrokerContainer(
            GenericContainer<?> container, Map<String, Integer> ports, Predicate<InetSocketAddress> ready) {
        this.container = container;
        this.ports = ports;
        this.ready = ready;
        docker = container.getDockerClient();
        ports.forEach((name, port) -> fronts.put(name, TcpProxy.open(published(port))));
    }

    /**
     * Starts a container.
     *
     * @param ports the container's, by name; one is the {@link #CLIENT_PORT}
     * @param ready whether the server at that address, where Docker publishes the client port, serves clients
     */
    static BrokerContainer open(
            GenericContainer<?> container, Map<String, Integer> ports, Predicate<InetSocketAddress> ready) {
        ToStringConsumer log = new ToStringConsumer();
        container.withExposedPorts(ports.values().toArray(Integer[]::new)).withLogConsumer(log);
        try {
            container.start();
            BrokerContainer opened = new BrokerContainer(container, ports, ready);
            await("greet", opened::serves);
            return opened;
        } catch (RuntimeException e) {
            container.stop();
            throw new BrokerException(e.getMessage() + ". The log of the container:\n" + log.toUtf8String(), e);
        }
    }

    /** Where clients find that port, always. */
    InetSocketAddress address(String portName) {
        TcpProxy front = fronts.get(portName);
        if (front == null) {
            throw new IllegalArgumentException("no port " + portName + " among " + fronts.keySet());
        }
        return front.address();
    }

    GenericContainer<?> container() {
        return container;
    }

    synchronized boolean stopped() {
        return state == State.STOPPED;
    }

    synchronized void start() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("this broker was closed");
        }
        if (state == State.STOPPED) {
            docker.startContainerCmd(id()).exec();
            fronts.forEach((name, front) -> front.retarget(published(ports.getOrDefault(name, 0))));
            await("start", this::serves);
            fronts.values().forEach(TcpProxy::heal);
            state = State.RUNNING;
        }
    }

    synchronized void stop() {
        end(id -> docker.stopContainerCmd(id).withTimeout(STOP_SECONDS).exec());
    }

    synchronized void kill() {
        end(id -> docker.killContainerCmd(id).exec());
    }

    synchronized void pause() {
        if (state == State.STOPPED || state == State.CLOSED) {
            throw new IllegalStateException("cannot pause a broker that is stopped");
        }
        if (state == State.RUNNING) {
            docker.pauseContainerCmd(id()).exec();
            state = State.PAUSED;
        }
    }

    synchronized void resume() {
        if (state == State.PAUSED) {
            docker.unpauseContainerCmd(id()).exec();
            state = State.RUNNING;
        }
    }

    @Override
    public synchronized void close() {
        state = State.CLOSED;
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

    private boolean serves() {
        return ready.test(published(ports.getOrDefault(CLIENT_PORT, 0)));
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

    private static void await(String what, BooleanSupplier condition) {
        Awaitility.await("the container to " + what)
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL_INTERVAL)
                .atMost(LIMIT)
                .until(condition::getAsBoolean);
    }
}
