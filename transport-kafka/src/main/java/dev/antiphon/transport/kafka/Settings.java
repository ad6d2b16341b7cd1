package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.TlsOptions;
import dev.antiphon.spi.TransportConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The options of one transport, and what they make of the configuration of its native clients. */
final class Settings {

    /** Others, who may have another one, have to know how long to listen for those who speak that seldom. */
    static final Duration MAX_PRESENCE_INTERVAL = Duration.ofSeconds(10);

    /** How the names of native properties begin that say what the options for TLS do. */
    private static final String SSL = "ssl.";

    private static final String JAAS = "sasl.jaas.config";

    private static final Duration MAX_DURATION = Duration.ofDays(1);
    private static final int DEFAULT_PORT = 9092;
    private static final Set<String> MECHANISMS = Set.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");

    private final TransportConfig config;
    private final AtomicInteger clients = new AtomicInteger();
    private @Nullable SSLContext tlsContext;

    Settings(TransportConfig config) {
        this.config = config;
    }

    // -- Options --

    TransportConfig config() {
        return config;
    }

    Duration connectTimeout() {
        return duration(KafkaOptions.CONNECT_TIMEOUT, 10_000);
    }

    Duration reconnectWait() {
        return duration(KafkaOptions.RECONNECT_WAIT, 250);
    }

    long maxReconnects() {
        return config.number(KafkaOptions.MAX_RECONNECTS).orElse(Long.MAX_VALUE);
    }

    /** Silence for this long means that the brokers are gone. */
    Duration silenceLimit() {
        return duration(KafkaOptions.PING_INTERVAL, 2_000).multipliedBy(3);
    }

    Duration presenceInterval() {
        return duration(KafkaOptions.PRESENCE_INTERVAL, 400);
    }

    Duration topicRefresh() {
        return duration(KafkaOptions.TOPIC_REFRESH, 2_000);
    }

    boolean createsTopics() {
        return config.text(KafkaOptions.CREATE_TOPICS)
                .map(Boolean::parseBoolean)
                .orElse(true);
    }

    /** What queue groups are. */
    GroupMode groups() {
        return GroupMode.of(groupsText()).orElse(GroupMode.SHARE);
    }

    private String groupsText() {
        return config.text(KafkaOptions.GROUPS).orElse(GroupMode.SHARE.option());
    }

    Start start() {
        return Start.of(startText()).orElse(Start.NOW);
    }

    private String startText() {
        return config.text(KafkaOptions.START).orElse("now");
    }

    int partitions() {
        return number(KafkaOptions.PARTITIONS, groups().partitions());
    }

    /** -1 for what the brokers are set to. */
    short replication() {
        return (short) number(KafkaOptions.REPLICATION, -1);
    }

    int replyPartitions() {
        return number(KafkaOptions.REPLY_PARTITIONS, 16);
    }

    /** The header that becomes the key of a record, or null. */
    @Nullable
    String keyHeader() {
        return config.text(KafkaOptions.KEY_HEADER).orElse(null);
    }

    long maxPending() {
        return config.number(KafkaOptions.MAX_PENDING).orElse(Long.MAX_VALUE);
    }

    long maxUnhandled() {
        return config.number(KafkaOptions.MAX_UNHANDLED).orElse(Long.MAX_VALUE);
    }

    String prefix() {
        return config.text(KafkaOptions.PREFIX).orElse("antiphon");
    }

    String presenceTopic() {
        return prefix() + ".presence";
    }

    String replyTopic() {
        return prefix() + ".replies";
    }

    /** The topics of the transport itself. */
    Set<String> ownTopics() {
        return Set.of(presenceTopic(), replyTopic());
    }

    SubjectMapping mapping() {
        return SubjectMapping.of(config.text(KafkaOptions.SUBJECTS).orElse("topics"), ownTopics());
    }

    private Duration duration(String option, long defaultMillis) {
        return config.duration(option).orElse(Duration.ofMillis(defaultMillis));
    }

    private int number(String option, int defaultValue) {
        return config.number(option).map(Math::toIntExact).orElse(defaultValue);
    }

    // -- Native clients --

    /** {@code host:port} of each broker. */
    static String bootstrap(TransportConfig.Address address) {
        return new TransportConfig.Address(address.host(), portOf(address)).toString();
    }

    static int portOf(TransportConfig.Address address) {
        return address.port() < 0 ? DEFAULT_PORT : address.port();
    }

    /** What all native clients have in common; what users set by its native name goes before, but for where the brokers are. */
    Map<String, Object> client(List<String> bootstrap, String role) {
        Map<String, Object> all = new HashMap<>();
        all.put("client.id", config.connectionName() + "-" + role + "-" + clients.incrementAndGet());
        all.put("reconnect.backoff.ms", "50");
        all.put("reconnect.backoff.max.ms", "500");
        all.put("connections.max.idle.ms", "-1");
        all.put("metric.reporters", "");
        all.put("enable.metrics.push", "false");
        Map<String, String> natives = natives();
        all.putAll(security(natives));
        all.putAll(natives);
        all.put("bootstrap.servers", String.join(",", bootstrap));
        return all;
    }

    /** As {@link #client}, for a member of a group: members are told apart by the client id, and messengers may have the same name. */
    Map<String, Object> member(List<String> bootstrap, String role) {
        Map<String, Object> all = client(bootstrap, role);
        all.put("client.id", all.get("client.id") + "-" + UUID.randomUUID());
        return all;
    }

    private Map<String, Object> security(Map<String, String> natives) {
        Map<String, Object> all = new HashMap<>();
        boolean tls = isTls();
        boolean sasl = config.user().isPresent();
        all.put("security.protocol", (sasl ? "SASL_" : "") + (tls ? "SSL" : "PLAINTEXT"));
        config.user().ifPresent(user -> {
            String mechanism = mechanism();
            String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
            all.put("sasl.mechanism", mechanism);
            all.put(
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security." + module + " required username=" + quoted(user) + " password="
                            + quoted(config.password().orElse("")) + ";");
        });
        if (tls && !saysTls(natives)) {
            all.put("ssl.engine.factory.class", TlsEngines.class);
            all.put(TlsEngines.CONTEXT, tlsContext());
        }
        return all;
    }

    boolean isTls() {
        return config.scheme().equals(KafkaTransportProvider.TLS_SCHEME);
    }

    /** Whether the native properties say how to connect, which nobody but the native clients understands. */
    boolean hasOwnSecurity() {
        Map<String, String> natives = natives();
        return natives.containsKey("security.protocol") || saysTls(natives);
    }

    private static boolean saysTls(Map<String, String> natives) {
        return natives.keySet().stream().anyMatch(name -> name.startsWith(SSL));
    }

    /** What the options for TLS describe; the files are read once. */
    synchronized SSLContext tlsContext() {
        SSLContext context = tlsContext;
        if (context == null) {
            context = TlsOptions.context(config);
            tlsContext = context;
        }
        return context;
    }

    private String mechanism() {
        return config.text(KafkaOptions.SASL).orElse("PLAIN");
    }

    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private Map<String, String> natives() {
        Map<String, String> all = new HashMap<>();
        config.text(KafkaOptions.PROPERTIES_FILE).ifPresent(file -> all.putAll(read(Path.of(file))));
        properties(config).forEach(property -> {
            int equals = property.indexOf('=');
            if (equals > 0) {
                all.put(
                        property.substring(0, equals).strip(),
                        property.substring(equals + 1).strip());
            }
        });
        all.computeIfPresent(JAAS, (name, value) -> value.endsWith(";") ? value : value + ";");
        return all;
    }

    /** Semicolons within double quotes are part of a value. */
    private static List<String> properties(TransportConfig config) {
        return config.text(KafkaOptions.PROPERTIES).stream()
                .flatMap(text -> Stream.of(text.split(";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1)))
                .filter(property -> !property.isBlank())
                .toList();
    }

    private static Map<String, String> read(Path file) {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        } catch (IOException e) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT, "the file of the option " + KafkaOptions.PROPERTIES_FILE + ": " + e, e);
        }
        Map<String, String> all = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> all.put(name, properties.getProperty(name)));
        return all;
    }

    // -- Checks --

    /** What is wrong with the options, seen together. */
    static List<String> problems(TransportConfig config) {
        List<String> problems = new ArrayList<>();
        if (!config.path().isEmpty()) {
            problems.add("a Kafka URL has no path; got /" + config.path());
        }
        Settings settings = new Settings(config);
        checkSecurity(config, settings, problems);
        checkTopics(config, settings, problems);
        for (String option : List.of(
                KafkaOptions.CONNECT_TIMEOUT,
                KafkaOptions.RECONNECT_WAIT,
                KafkaOptions.PING_INTERVAL,
                KafkaOptions.PRESENCE_INTERVAL,
                KafkaOptions.TOPIC_REFRESH)) {
            config.duration(option)
                    .filter(value -> value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(longest(option)) > 0)
                    .ifPresent(value -> problems.add("the option " + option + " must be 1ms to "
                            + longest(option).toSeconds() + "s; got " + value));
        }
        if (properties(config).stream().anyMatch(property -> property.indexOf('=') < 1)) {
            problems.add("the option " + KafkaOptions.PROPERTIES + " has something that is not name=value");
        }
        return problems;
    }

    private static Duration longest(String option) {
        return option.equals(KafkaOptions.PRESENCE_INTERVAL) ? MAX_PRESENCE_INTERVAL : MAX_DURATION;
    }

    private static void checkSecurity(TransportConfig config, Settings settings, List<String> problems) {
        if (!MECHANISMS.contains(settings.mechanism())) {
            problems.add("the option " + KafkaOptions.SASL + " is one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512; got \""
                    + settings.mechanism() + "\"");
        }
        TlsOptions.check(config, KafkaTransportProvider.TLS_SCHEME, problems);
    }

    private static void checkTopics(TransportConfig config, Settings settings, List<String> problems) {
        config.text(KafkaOptions.SUBJECTS)
                .filter(value -> !SubjectMapping.isValid(value))
                .ifPresent(value -> problems.add("the option " + KafkaOptions.SUBJECTS
                        + " is \"topics\" or \"topic:NAME\"; got \"" + value + "\""));
        Optional.ofNullable(settings.mapping().sharedTopic())
                .filter(settings.mapping()::isInternal)
                .ifPresent(topic -> problems.add("the option " + KafkaOptions.SUBJECTS
                        + " names a topic of Kafka's or of this library's own; got \"" + topic + "\""));
        if (GroupMode.of(settings.groupsText()).isEmpty()) {
            problems.add("the option " + KafkaOptions.GROUPS + " is one of share, consumer, classic; got \""
                    + settings.groupsText() + "\"");
        }
        if (Start.of(settings.startText()).isEmpty()) {
            problems.add("the option " + KafkaOptions.START
                    + " is now, earliest, or a time such as 2026-01-31T12:00:00Z; got \"" + settings.startText()
                    + "\"");
        }
        config.text(KafkaOptions.KEY_HEADER)
                .filter(name -> name.isEmpty() || RecordCodec.isOurs(name) || name.startsWith("antiphon-"))
                .ifPresent(name -> problems.add("the option " + KafkaOptions.KEY_HEADER
                        + " is the name of a header of yours; got \"" + name + "\""));
        if (!settings.prefix().matches("[A-Za-z0-9._-]{1,100}")) {
            problems.add("the option " + KafkaOptions.PREFIX
                    + " is 1 to 100 letters, digits, dots, hyphens and underscores; got \"" + settings.prefix() + "\"");
        }
        for (String option :
                List.of(KafkaOptions.PARTITIONS, KafkaOptions.REPLICATION, KafkaOptions.REPLY_PARTITIONS)) {
            config.number(option)
                    .filter(value -> value < 1 || value > 10_000)
                    .ifPresent(value -> problems.add("the option " + option + " must be 1 to 10000; got " + value));
        }
    }
}
