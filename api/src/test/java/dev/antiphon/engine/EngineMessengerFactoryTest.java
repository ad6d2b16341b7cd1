package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConfigurationException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.spi.TransportProvider;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the builder to a messenger, through the providers that are found. */
class EngineMessengerFactoryTest {

    private final ClassLoader loader = Thread.currentThread().getContextClassLoader();
    private final List<ScriptedTransport> made = new CopyOnWriteArrayList<>();

    @BeforeEach
    void installProvider(@TempDir Path directory) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(services.resolve(TransportProvider.class.getName()), ScriptedProvider.class.getName());
        Thread.currentThread()
                .setContextClassLoader(
                        new URLClassLoader(new URL[] {directory.toUri().toURL()}, loader));
        makes(transport -> {});
        ScriptedProvider.CONFIGS.clear();
    }

    @AfterEach
    void restore() {
        Thread.currentThread().setContextClassLoader(loader);
    }

    private void makes(java.util.function.Consumer<ScriptedTransport> script) {
        ScriptedProvider.factory = config -> {
            ScriptedTransport transport = new ScriptedTransport();
            script.accept(transport);
            made.add(transport);
            return transport;
        };
    }

    @Test
    void connect_url_givesAConnectedMessenger() {
        try (Messenger messenger = Messenger.connect("scripted://host:7?name=me")) {
            assertThat(messenger.state()).isEqualTo(ConnectionState.CONNECTED);
            assertThat(messenger.unwrap(ScriptedTransport.class)).containsSame(made.get(0));
            assertThat(messenger.unwrap(String.class)).isEmpty();
            assertThat(ScriptedProvider.CONFIGS).singleElement().hasToString("scripted://host:7");
            messenger.publish("news", Message.empty()).join();
        }
        assertThat(made.get(0).log).containsExactly("start", "channel", "channel closed", "close");
    }

    @Test
    void connect_wrongConfiguration_makesNoTransport() {
        ConfigurationException failure = catchThrowableOfType(
                ConfigurationException.class, () -> Messenger.connect("scripted://host?max-in-flight=0&size=x"));

        assertThat(failure.problems()).hasSize(2);
        assertThat(ScriptedProvider.CONFIGS).isEmpty();
    }

    @Test
    void connect_notReachable_failsAfterOneAttempt() {
        makes(transport -> transport.onStart =
                () -> CompletableFuture.failedFuture(ScriptedTransport.failure(ErrorCode.NOT_CONNECTED)));

        assertThat(codeOfFailure("scripted://host")).isEqualTo(ErrorCode.NOT_CONNECTED);

        assertThat(made)
                .singleElement()
                .satisfies(transport -> assertThat(transport.log).containsExactly("start", "close"));
    }

    @Test
    void connect_notReachableYetAndToldToWait_triesAgain() {
        makes(transport -> {
            if (made.size() < 2) {
                transport.onStart =
                        () -> CompletableFuture.failedFuture(ScriptedTransport.failure(ErrorCode.NOT_CONNECTED));
            }
        });

        try (Messenger messenger = Messenger.connect("scripted://host?wait-for-broker=30s")) {
            assertThat(messenger.state()).isEqualTo(ConnectionState.CONNECTED);
        }
        assertThat(made)
                .hasSize(3)
                .allSatisfy(transport -> assertThat(transport.log).endsWith("close"));
    }

    @Test
    void connect_toldToWaitForEver_connects() {
        try (Messenger messenger = Messenger.builder()
                .url("scripted://host")
                .waitForBroker(Duration.ofSeconds(Long.MAX_VALUE))
                .connect()) {
            assertThat(messenger.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void connect_wrongCredentials_doesNotTryAgain() {
        makes(transport -> transport.onStart =
                () -> CompletableFuture.failedFuture(ScriptedTransport.failure(ErrorCode.AUTHENTICATION)));

        assertThat(codeOfFailure("scripted://host?wait-for-broker=30s")).isEqualTo(ErrorCode.AUTHENTICATION);

        assertThat(made).hasSize(1);
    }

    @Test
    void connect_replyChannelFails_closesTheTransport() {
        makes(transport -> transport.onOpenChannel =
                () -> CompletableFuture.failedFuture(ScriptedTransport.failure(ErrorCode.PERMISSION_DENIED)));

        assertThat(codeOfFailure("scripted://host")).isEqualTo(ErrorCode.PERMISSION_DENIED);

        assertThat(made.get(0).log).containsExactly("start", "channel", "close");
        noThreadIsLeft();
    }

    @Test
    void connect_transportThrows_closesIt() {
        makes(transport -> transport.onStart = () -> {
            throw new IllegalStateException("a defect");
        });

        assertThat(codeOfFailure("scripted://host")).isEqualTo(ErrorCode.INTERNAL);

        assertThat(made.get(0).log).containsExactly("start", "close");
        noThreadIsLeft();
    }

    @Test
    void connect_interrupted_isCancelledAndKeepsTheFlag() {
        makes(transport -> transport.onStart = CompletableFuture::new);

        Thread.currentThread().interrupt();
        ErrorCode code = codeOfFailure("scripted://host");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(code).isEqualTo(ErrorCode.CANCELLED);
        assertThat(made.get(0).log).endsWith("close");
    }

    private static void noThreadIsLeft() {
        org.awaitility.Awaitility.await()
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("antiphon-")
                                && thread.isAlive()
                                && thread.getName().endsWith("-antiphon")));
    }

    private static ErrorCode codeOfFailure(String url) {
        return catchThrowableOfType(AntiphonException.class, () -> Messenger.connect(url))
                .code();
    }
}
