package dev.antiphon.transport.nats;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.TlsOptions;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportConfig.Address;
import dev.antiphon.spi.TransportThreads;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Says to the native client what the configuration says. */
final class ClientOptions {

    private static final int DEFAULT_PORT = 4222;
    private static final int UNLIMITED = -1;

    private ClientOptions() {}

    /** Options for one connection. Reads files. */
    static Options of(TransportConfig config, TransportThreads threads, ClientListener listener) {
        boolean tls = config.scheme().equals(NatsTransportProvider.TLS_SCHEME);
        Options.Builder options = Options.builder()
                .servers(servers(config, tls))
                .connectionName(config.connectionName())
                .inboxPrefix(inboxPrefix(config))
                .executor(threads.pool())
                .connectExecutor(threads.pool())
                .callbackExecutor(threads.events())
                .scheduledExecutor(threads.timer())
                .errorListener(listener)
                .connectionListener(listener)
                .dataPortType(NatsPort.class.getName())
                .bufferSize(NatsPort.BUFFER)
                // Resolves as late as possible, IPv6 included, and keeps the host name for the check of the
                // certificate.
                .hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs);
        timings(config, options);
        authentication(config, options);
        if (tls) {
            options.sslContext(TlsOptions.context(config));
        }
        if (config.flag(NatsOptions.TLS_FIRST)) {
            options.tlsFirst();
        }
        if (!flag(config, NatsOptions.ECHO)) {
            options.noEcho();
        }
        if (!flag(config, NatsOptions.DISCOVER)) {
            options.ignoreDiscoveredServers();
        }
        return options.build();
    }

    /** How inboxes begin, with the dot at the end. */
    static String inboxPrefix(TransportConfig config) {
        return config.text(NatsOptions.INBOX_PREFIX).orElse("_INBOX") + ".";
    }

    private static String[] servers(TransportConfig config, boolean tls) {
        return config.addresses().stream()
                .map(address -> address.port() < 0 ? new Address(address.host(), DEFAULT_PORT) : address)
                .map(address -> (tls ? "tls://" : "nats://") + address)
                .toArray(String[]::new);
    }

    private static void timings(TransportConfig config, Options.Builder options) {
        Duration wait = config.duration(NatsOptions.RECONNECT_WAIT).orElse(Duration.ofMillis(250));
        Duration jitter = wait.dividedBy(5).plusNanos(1);
        options.connectionTimeout(config.duration(NatsOptions.CONNECT_TIMEOUT).orElse(Duration.ofSeconds(2)))
                .pingInterval(config.duration(NatsOptions.PING_INTERVAL).orElse(Duration.ofSeconds(5)))
                .maxPingsOut(2)
                .maxReconnects(config.number(NatsOptions.MAX_RECONNECTS)
                        .map(Math::toIntExact)
                        .orElse(UNLIMITED))
                .reconnectWait(wait)
                .reconnectJitter(jitter)
                .reconnectJitterTls(jitter)
                .reconnectBufferSize(0);
    }

    private static void authentication(TransportConfig config, Options.Builder options) {
        config.user()
                .ifPresent(user -> config.password()
                        .ifPresentOrElse(
                                password -> options.userInfo(user.toCharArray(), password.toCharArray()),
                                () -> options.token(user.toCharArray())));
        config.text(NatsOptions.TOKEN).ifPresent(token -> options.token(token.toCharArray()));
        config.text(NatsOptions.NKEY_SEED).ifPresent(seed -> options.authHandler(NkeySeed.handler(seed)));
        config.text(NatsOptions.CREDENTIALS).ifPresent(path -> {
            if (!Files.isReadable(Path.of(path))) {
                throw new AntiphonException(
                        ErrorCode.INVALID_ARGUMENT,
                        "the file of the option " + NatsOptions.CREDENTIALS + " can not be read: " + path);
            }
            options.authHandler(Nats.credentials(path));
        });
    }

    private static boolean flag(TransportConfig config, String option) {
        return config.text(option).map(Boolean::valueOf).orElse(true);
    }
}
