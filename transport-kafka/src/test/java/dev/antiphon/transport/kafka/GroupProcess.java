package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.Messenger;
import dev.antiphon.SubscribeOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A member of a queue group in a JVM of its own, that can be killed. It prints what it has handled. */
final class GroupProcess {
    private static final String READY = "ready";

    private final Process process;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    private GroupProcess(Process process, Consumer<String> handled) {
        this.process = process;
        Thread reader = new Thread(() -> read(handled), "group-process");
        reader.setDaemon(true);
        reader.start();
    }

    static GroupProcess start(String url, String subject, String group, Consumer<String> handled) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(
                        java.toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        GroupProcess.class.getName(),
                        url,
                        subject,
                        group)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        GroupProcess member = new GroupProcess(process, handled);
        member.ready.get(60, TimeUnit.SECONDS);
        return member;
    }

    private void read(Consumer<String> handled) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (line.equals(READY)) {
                    ready.complete(null);
                } else {
                    handled.accept(line);
                }
            }
            ready.completeExceptionally(new IOException("the member has ended"));
        } catch (IOException e) {
            ready.completeExceptionally(new UncheckedIOException(e));
        }
    }

    /** As {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public static void main(String[] args) throws IOException {
        Messenger messenger = Messenger.connect(args[0]);
        messenger.subscribe(
                args[1],
                delivery -> System.out.println(delivery.message().text()),
                SubscribeOptions.queueGroup(args[2]));
        System.out.println(READY);
        int end = System.in.read(); // until the parent is gone
        System.exit(end);
    }
}
