package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.load.Sample;
import dev.antiphon.benchmarks.peers.Peer;
import dev.antiphon.benchmarks.worker.Command;
import dev.antiphon.benchmarks.worker.Protocol;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fresh JVMs for one peer in one round: a requester and, unless they share one, a responder. */
final class PeerRun implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Broker broker;
    private final @Nullable Child responder;
    private final Child requester;

    private PeerRun(Broker broker, @Nullable Child responder, Child requester) {
        this.broker = broker;
        this.responder = responder;
        this.requester = requester;
    }

    static PeerRun start(Peer peer, Broker broker, List<String> jvmFlags) throws Exception {
        Child responder = peer.oneJvm() ? null : Child.start("responder", peer, broker.url(), jvmFlags);
        try {
            return new PeerRun(broker, responder, Child.start("requester", peer, broker.url(), jvmFlags));
        } catch (Exception e) {
            if (responder != null) {
                responder.close();
            }
            throw e;
        }
    }

    /** Runs a load whose figures do not count. */
    void warmUp(Command command) throws PeerFailure, InterruptedException {
        run(command);
    }

    /**
     * Runs one cell.
     *
     * @throws PeerFailure when a request failed, or none was answered
     */
    Measured measure(Command command) throws PeerFailure, InterruptedException {
        Measured measured = run(command);
        if (measured.sample().requests() == 0) {
            throw new PeerFailure("no request was answered within the measured "
                    + command.window().toMillis() + " ms");
        }
        return measured;
    }

    private Measured run(Command command) throws PeerFailure, InterruptedException {
        requester.say(command.toLine());
        requester.expect(Protocol.EDGE, command.warmUp().plus(GRACE));
        Duration responderBefore = responderCpu();
        Duration brokerBefore = broker.cpu();
        requester.expect(Protocol.EDGE, command.window().plus(GRACE));
        Duration responderCpu = responderCpu().minus(responderBefore);
        Duration brokerCpu = broker.cpu().minus(brokerBefore);
        Sample sample = Sample.parse(requester.expect(Protocol.SAMPLE, GRACE));
        return new Measured(sample, responderCpu, brokerCpu);
    }

    private Duration responderCpu() {
        return responder == null ? Duration.ZERO : responder.cpu();
    }

    @Override
    public void close() {
        requester.close();
        if (responder != null) {
            responder.close();
        }
    }
}
