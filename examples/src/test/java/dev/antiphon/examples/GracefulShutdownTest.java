package dev.antiphon.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.conformance.broker.NatsBrokers;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The one example that ends by a signal, so it is run as a process. */
class GracefulShutdownTest {

    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    private static Process start(String url) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        CLASS_PATH,
                        GracefulShutdown.class.getName(),
                        url)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** SIGTERM. By way of the handle, since {@link Process#destroy} closes the streams as well. */
    private static void terminate(Process process) {
        assertThat(process.toHandle().destroy()).isTrue();
    }

    @Test
    void terminate_inMemory_drains() throws Exception {
        Process service = start("inmemory://graceful");
        try (BufferedReader out = service.inputReader(UTF_8)) {
            assertThat(out.readLine()).isEqualTo("ready");
            terminate(service);
            assertThat(out.readLine()).isEqualTo("left nothing behind");
        } finally {
            service.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void terminate_withRequestsOnTheirWay_answersThoseItReceived() throws Exception {
        String url = NatsBrokers.shared().url();
        Process service = start(url);
        try (BufferedReader out = service.inputReader(UTF_8);
                Messenger requester = Messenger.connect(url)) {
            assertThat(out.readLine()).isEqualTo("ready");
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                calls.add(requester.request("work", Message.empty()));
            }
            // In the order of one connection: when the last is answered, all have been received.
            assertThat(calls.get(499).join().text()).isEqualTo("done");
            terminate(service);
            assertThat(out.readLine()).isEqualTo("left nothing behind");
            assertThat(calls).allSatisfy(call -> assertThat(call.join().text()).isEqualTo("done"));
        } finally {
            service.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }
}
