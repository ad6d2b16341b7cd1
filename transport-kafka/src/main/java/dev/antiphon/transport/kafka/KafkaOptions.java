package dev.antiphon.transport.kafka;

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

/** The names of the options of the Kafka transport, as they stand in a URL or are set by program. Those of TLS are {@link TlsOptions}. */
public final class KafkaOptions {

    /** How long each step of connecting may take. */
    public static final String CONNECT_TIMEOUT = "connect-timeout";

    /** The pause before the brokers are tried again. */
    public static final String RECONNECT_WAIT = "reconnect-wait";

    /** How often the brokers are tried after a connection was lost. */
    public static final String MAX_RECONNECTS = "max-reconnects";

    /** A third of the time without a word from the brokers after which they count as lost. */
    public static final String PING_INTERVAL = "ping-interval";

    /** How a user proves who he is. */
    public static final String SASL = "sasl";

    /** How subjects become topics. */
    public static final String SUBJECTS = "subjects";

    /** What a queue group is: a share group, or a consumer group of one of the two protocols. */
    public static final String GROUPS = "groups";

    /** Where subscribers begin to read. */
    public static final String START = "start";

    /** Whether topics are created when they are needed. */
    public static final String CREATE_TOPICS = "create-topics";

    /** How many partitions a created topic has. */
    public static final String PARTITIONS = "partitions";

    /** How many replicas a created topic has. */
    public static final String REPLICATION = "replication";

    /** How the names of the transport's own topics and groups begin. */
    public static final String PREFIX = "prefix";

    /** How many partitions the topic for replies gets. */
    public static final String REPLY_PARTITIONS = "reply-partitions";

    /** How often a messenger says what it serves. */
    public static final String PRESENCE_INTERVAL = "presence-interval";

    /** How soon topics that others have made are noticed. */
    public static final String TOPIC_REFRESH = "topic-refresh";

    /** The header whose value is the key of the record. */
    public static final String KEY_HEADER = "key-header";

    /** How many bytes may wait to be sent. */
    public static final String MAX_PENDING = "max-pending";

    /** How many bytes of one subscription may wait for its handler. */
    public static final String MAX_UNHANDLED = "max-unhandled";

    /** Properties for the native clients. */
    public static final String PROPERTIES = "properties";

    /** A file with properties for the native clients. */
    public static final String PROPERTIES_FILE = "properties-file";

    private static final long DEFAULT_BYTES = 64L * 1024 * 1024;

    private KafkaOptions() {}

    /** All of them. */
    static List<TransportOption> all() {
        return Stream.of(connecting(), TlsOptions.all(), topics(), messages())
                .flatMap(List::stream)
                .toList();
    }

    private static List<TransportOption> connecting() {
        return List.of(
                duration(CONNECT_TIMEOUT, "10s", "How long each step of connecting may take."),
                duration(RECONNECT_WAIT, "250ms", "The pause before the brokers are tried again."),
                number(
                        MAX_RECONNECTS,
                        null,
                        "How often the brokers are tried after a lost connection before giving up; for ever if not set."),
                duration(
                        PING_INTERVAL,
                        "2s",
                        "Brokers that say nothing for three times that long count as lost; they say something twice in it."),
                text(SASL, "PLAIN", "How the URL's user proves who he is: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."));
    }

    private static List<TransportOption> topics() {
        return List.of(
                text(
                        SUBJECTS,
                        "topics",
                        "How subjects become topics: \"topics\", each one of its own, or \"topic:NAME\", all of them in"
                                + " one."),
                text(
                        GROUPS,
                        "share",
                        "What a queue group is: a \"share\" group, a group of the \"consumer\" protocol (KIP-848), or of the"
                                + " \"classic\" one."),
                text(
                        START,
                        "now",
                        "Where subscribers begin, and groups that are new: \"now\", \"earliest\", or a time such as"
                                + " 2026-01-31T12:00:00Z."),
                flag(
                        CREATE_TOPICS,
                        true,
                        "Whether topics are created when they are needed; otherwise they must be there."),
                number(
                        PARTITIONS,
                        null,
                        "How many partitions a created topic has; 1 if not set, with consumer groups 8."),
                number(
                        REPLICATION,
                        null,
                        "How many replicas a created topic has; what the brokers are set to if not set."),
                text(PREFIX, "antiphon", "How the names of the transport's own topics and groups begin."),
                number(REPLY_PARTITIONS, 16L, "How many partitions the topic for replies gets when it is created."),
                duration(PRESENCE_INTERVAL, "400ms", "How often a messenger that serves subjects says so."),
                duration(TOPIC_REFRESH, "2s", "How soon topics that others have made are noticed."));
    }

    private static List<TransportOption> messages() {
        return List.of(
                text(
                        KEY_HEADER,
                        null,
                        "The header whose value is the key of the record, so that messages with the same stay in order;"
                                + " none if not set."),
                number(
                        MAX_PENDING,
                        DEFAULT_BYTES,
                        "How many bytes may wait to be sent; beyond that sends fail with RESOURCE_EXHAUSTED."),
                number(
                        MAX_UNHANDLED,
                        DEFAULT_BYTES,
                        "How many bytes of one subscription may wait for its handler; beyond that its topics pause."),
                secret(PROPERTIES, "Properties for the native clients: name=value, several separated by semicolons."),
                path(PROPERTIES_FILE, "A file with properties for the native clients."));
    }
}
