package dev.antiphon.benchmarks.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.benchmarks.load.Measurement;
import dev.antiphon.benchmarks.load.Requester;
import dev.antiphon.benchmarks.load.Sample;
import dev.antiphon.benchmarks.peers.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.ref.Reference;

/** Main program of a forked JVM: answers requests, or sends them as the lines on its input say. */
public final class Worker {

    private final PrintStream out;
    private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));

    private Worker(PrintStream out) {
        this.out = out;
    }

    /** Arguments: {@code requester} or {@code responder}, name of the {@link Peer}, URL. */
    public static void main(String[] args) {
        PrintStream out = System.out;
        System.setOut(System.err); // The lines on the real one belong to the protocol, whatever a library prints.
        int status = 0;
        try {
            new Worker(out).run(args[0], Peer.valueOf(args[1]), args[2]);
        } catch (Exception | Error e) {
            e.printStackTrace();
            out.println(Protocol.FAILED + e.toString().lines().findFirst().orElse("no message"));
            status = 1;
        }
        System.exit(status); // Ends the peer too, with its connections and threads.
    }

    private void run(String role, Peer peer, String url) throws Exception {
        boolean asks = role.equals("requester");
        Object responder = asks && !peer.oneJvm() ? "in the other JVM" : peer.openResponder(url);
        try {
            if (asks) {
                request(peer.openRequester(url));
            } else {
                out.println(Protocol.READY);
                awaitEnd();
            }
        } finally {
            Reference.reachabilityFence(responder);
        }
    }

    private void awaitEnd() throws IOException {
        while (in.readLine() != null) {
            // Nothing is said to a responder.
        }
    }

    private void request(Requester requester) throws IOException, InterruptedException {
        out.println(Protocol.READY);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Command command = Command.parse(line);
            Measurement measurement = new Measurement(command.cell(), command.warmUp(), command.window());
            Sample sample = measurement.run(requester, () -> out.println(Protocol.EDGE));
            out.println(Protocol.SAMPLE + sample.toLine());
        }
    }
}
