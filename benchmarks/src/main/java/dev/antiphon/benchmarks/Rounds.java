package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.load.Cell;
import dev.antiphon.benchmarks.peers.Peer;
import dev.antiphon.benchmarks.worker.Command;
import java.io.PrintStream;
import java.util.Locale;

/** Runs the peers by turns: A B C, A B C, and so on, so that a slow minute of the machine hits all of them. */
final class Rounds {

    private final Plan plan;
    private final Broker broker;
    private final PrintStream progress;
    private final Results results = new Results();

    Rounds(Plan plan, Broker broker, PrintStream progress) {
        this.plan = plan;
        this.broker = broker;
        this.progress = progress;
    }

    Results run() throws Exception {
        for (int round = 1; round <= plan.rounds(); round++) {
            for (Peer peer : plan.peers()) {
                run(round, peer);
            }
        }
        return results;
    }

    private void run(int round, Peer peer) throws Exception {
        String where = "round " + round + " of " + plan.rounds() + ", " + peer.title();
        try (PeerRun run = PeerRun.start(peer, broker, plan.jvmFlags())) {
            run.warmUp(new Command(plan.warmUpCell(), plan.cellWarmUp(), plan.jvmWarmUp()));
            for (Cell cell : plan.cells()) {
                if (!cell.blocking() || peer.canBlock()) {
                    Measured measured = run.measure(new Command(cell, plan.cellWarmUp(), plan.window()));
                    results.add(peer, cell, measured);
                    progress.printf(Locale.ROOT, "%s, %s: %,.0f requests/s%n", where, cell.title(), measured.rate());
                }
            }
        } catch (PeerFailure e) {
            results.fail(where + ": " + e.getMessage());
            progress.println(where + ": " + e.getMessage());
        }
    }
}
