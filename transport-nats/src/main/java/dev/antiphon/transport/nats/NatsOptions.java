package dev.antiphon.transport.nats;

import static dev.antiphon.spi.TransportOption.duration;
import static dev.antiphon.spi.TransportOption.flag;
import static dev.antiphon.spi.TransportOption.number;
import static dev.antiphon.spi.TransportOption.path;
import static dev.antiphon.spi.TransportOption.secret;
import static dev.antiphon.spi.TransportOption.text;

import dev.antiphon.spi.TlsOptions;
import dev.antiphon.spi.TransportOption;
import java.util.List;
import java.util.stream.Stream;

/** The names of the options of the NATS transport, as they stand in a URL or are set by program. */
public final class NatsOptions {

    /** How long one attempt to connect to one server may take. */
    public static final String CONNECT_TIMEOUT = "connect-timeout";

    /** The pause before the servers are tried again, and up to a fifth more. */
    public static final String RECONNECT_WAIT = "reconnect-wait";

    /** How often each server is tried after a connection was lost. */
    public static final String MAX_RECONNECTS = "max-reconnects";

    /** How often the server is asked whether it is there. */
    public static final String PING_INTERVAL = "ping-interval";

    /** The token to authenticate with. */
    public static final String TOKEN = "token";

    /** The seed of the NKey to authenticate with. */
    public static final String NKEY_SEED = "nkey-seed";

    /** The credentials file, JWT and seed, to authenticate with. */
    public static final String CREDENTIALS = "credentials";

    /** Whether TLS begins before the server says anything. */
    public static final String TLS_FIRST = "tls-first";

    /** Whether a messenger receives what it publishes itself. */
    public static final String ECHO = "echo";

    /** How inboxes begin. */
    public static final String INBOX_PREFIX = "inbox-prefix";

    /** Whether servers that the cluster tells of are used too. */
    public static final String DISCOVER = "discover";

    /** How many bytes may wait to be sent. */
    public static final String MAX_PENDING = "max-pending";

    /** How many bytes of one subscription may wait for its handler. */
    public static final String MAX_UNHANDLED = "max-unhandled";

    private static final int DEFAULT_BYTES = 64 * 1024 * 1024;

    private NatsOptions() {}

    /** All of them. */
    static List<TransportOption> all() {
        return Stream.of(connecting(), security(), TlsOptions.all(), messages())
                .flatMap(List::stream)
                .toList();
    }

    private static List<TransportOption> connecting() {
        return List.of(
                duration(CONNECT_TIMEOUT, "2s", "How long one attempt to connect to one server may take."),
                duration(
                        RECONNECT_WAIT,
                        "250ms",
                        "The pause before all servers are tried again, and up to a fifth more at random."),
                number(
                        MAX_RECONNECTS,
                        null,
                        "How often each server is tried after a lost connection before giving up; for ever if not set."),
                duration(
                        PING_INTERVAL,
                        "5s",
                        "How often the server is pinged; a dead connection is found after three times that."),
                flag(DISCOVER, true, "Whether servers that the cluster tells of are used too."));
    }

    private static List<TransportOption> security() {
        return List.of(
                secret(TOKEN, "The token to authenticate with."),
                secret(NKEY_SEED, "The seed of the NKey to authenticate with."),
                path(CREDENTIALS, "The credentials file (JWT and seed) to authenticate with."),
                flag(TLS_FIRST, false, "Whether TLS begins before the server says anything."));
    }

    private static List<TransportOption> messages() {
        return List.of(
                flag(ECHO, true, "Whether a messenger receives what it publishes itself."),
                text(INBOX_PREFIX, "_INBOX", "How inboxes begin, for accounts whose rights are limited."),
                bytes(
                        MAX_PENDING,
                        "How many bytes may wait to be sent; beyond that sends fail with RESOURCE_EXHAUSTED."),
                bytes(
                        MAX_UNHANDLED,
                        "How many bytes of one subscription may wait for its handler; beyond that messages are dropped."));
    }

    private static TransportOption bytes(String name, String description) {
        return number(name, (long) DEFAULT_BYTES, description);
    }
}
