package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The directory of Erlang nodes on this machine, for one node alone. A node cannot start without; if it finds none, it starts one
 * that outlives it, so each gets one of its own, which does not.
 */
final class Epmd implements AutoCloseable {
    private static final Duration READY_LIMIT = Duration.ofSeconds(30);

    private final int port = LoopbackPorts.free();
    // Not the node's directory: two watchdogs would be at it at once.
    private final TemporaryDirectory directory = TemporaryDirectory.create("epmd");
    private final ChildProcess process;

    private Epmd(String searchPath) {
        List<String> command = List.of(
                "env", "-i", "PATH=" + searchPath, "epmd", "-port", Integer.toString(port), "-address", "127.0.0.1");
        process = ChildProcess.start(directory, "epmd", command, Map.of());
    }

    /** @param searchPath where to look for the program */
    static Epmd open(String searchPath) {
        Epmd epmd = new Epmd(searchPath);
        try {
            epmd.process.awaitReady(READY_LIMIT, epmd::accepts);
            return epmd;
        } catch (RuntimeException e) {
            epmd.close();
            throw e;
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        try (directory) {
            process.kill();
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(LoopbackPorts.address(port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
