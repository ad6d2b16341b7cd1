package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RespondOptions;
import dev.antiphon.SubscribeOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A messenger in a JVM of its own, that can be killed. It prints what it does. */
final class PeerProcess {

    /** What it is for. */
    enum Role {
        /** Is a member of a queue group, and prints what it has handled. */
        SUBSCRIBER,
        /** Is a member of a queue group, and answers each request with its own body. */
        RESPONDER,
        /** Makes one request after the other, and prints how often each way it ended. */
        REQUESTER
    }

    private static final String READY = "ready";
    private static final String FAILED = "failed: ";

    private final Process process;
    private final Thread reader;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    private PeerProcess(Process process, Consumer<String> said) {
        this.process = process;
        reader = new Thread(() -> read(said), "peer-process");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts one, which has taken up its role when this returns.
     *
     * @param said told each line that it printed; not the last one, if a kill cut that short
     */
    static PeerProcess start(Role role, String url, String subject, String group, Consumer<String> said)
            throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(
                        java.toString(),
                        "-Xmx128m",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PeerProcess.class.getName(),
                        role.name(),
                        url,
                        subject,
                        group)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        PeerProcess peer = new PeerProcess(process, said);
        peer.ready.get(60, TimeUnit.SECONDS);
        return peer;
    }

    private void read(Consumer<String> said) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            StringBuilder line = new StringBuilder();
            int next;
            while ((next = lines.read()) >= 0) {
                if (next == '\n') {
                    onLine(line.toString(), said);
                    line.setLength(0);
                } else {
                    line.append((char) next);
                }
            }
            ready.completeExceptionally(new IOException("the process has ended, and did not say why"));
        } catch (IOException e) {
            ready.completeExceptionally(new UncheckedIOException(e));
        }
    }

    private void onLine(String line, Consumer<String> said) {
        if (line.equals(READY)) {
            ready.complete(null);
        } else if (line.startsWith(FAILED)) {
            ready.completeExceptionally(new IOException("the process " + line));
        } else {
            said.accept(line);
        }
    }

    /** As {@code kill -9}; when this returns, all that it had said is told. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly(); // that of the process closes its output, too, with what was not read yet
        process.waitFor();
        reader.join();
    }

    public static void main(String[] args) throws IOException {
        try {
            begin(args);
        } catch (RuntimeException | Error e) {
            System.out.println(FAILED + e);
            throw e;
        }
        System.out.println(READY);
        int end = System.in.read(); // until the parent is gone
        System.exit(end);
    }

    private static void begin(String[] args) {
        String subject = args[2];
        String group = args[3];
        Messenger messenger = Messenger.connect(args[1]);
        switch (Role.valueOf(args[0])) {
            case SUBSCRIBER ->
                messenger.subscribe(
                        subject,
                        delivery -> System.out.println(delivery.message().text()),
                        SubscribeOptions.queueGroup(group));
            case RESPONDER -> messenger.respond(subject, Request::message, RespondOptions.queueGroup(group));
            case REQUESTER -> ask(messenger, subject);
        }
    }

    private static void ask(Messenger messenger, String subject) {
        messenger.request(subject, Message.of("?")).whenComplete((reply, failure) -> {
            System.out.println(failure == null ? "answered" : failure);
            ask(messenger, subject);
        });
    }
}
