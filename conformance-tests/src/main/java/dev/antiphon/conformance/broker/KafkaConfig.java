package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a Kafka broker for tests is configured. Immutable; the {@code with} methods return a copy that has more.
 *
 * <p>The broker has two listeners for clients. They differ in the address that the broker tells its clients: the one listener's own, or
 * that of the proxy before the other one, since clients connect to what they are told and not to where they first asked.
 */
public final class KafkaConfig {
    private static final KafkaConfig PLAIN = new KafkaConfig();
    private static final String TRUSTED = "ca.p12";
    private static final List<String> SCRAM = List.of("SCRAM-SHA-256", "SCRAM-SHA-512");

    /** Small and quick: one of everything, nothing waits for more to come. */
    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("controller.listener.names", "CONTROLLER"),
            Map.entry("inter.broker.listener.name", "INTERNAL"),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "1"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.num.partitions", "1"),
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            Map.entry("controller.quorum.append.linger.ms", "0"),
            Map.entry("log.cleaner.dedupe.buffer.size", "2097152"),
            Map.entry("log.index.size.max.bytes", "4096"),
            Map.entry("num.network.threads", "2"),
            Map.entry("num.io.threads", "4"),
            Map.entry("broker.session.timeout.ms", "1500"),
            Map.entry("broker.heartbeat.interval.ms", "150"),
            Map.entry("controlled.shutdown.enable", "false"));

    /** Quick without the instructions for AES, which only the last tier of a JVM's compilers uses; brokers and tests stop at the first. */
    private static final String QUICK_CIPHER = "TLS_CHACHA20_POLY1305_SHA256";

    private final Map<String, String> properties = new LinkedHashMap<>();
    private final List<String> users = new ArrayList<>();
    private final List<String> scram = new ArrayList<>();
    private String certificate = "";
    private boolean clientCertificate;
    private boolean load;

    private KafkaConfig() {}

    /** Anyone may connect, without TLS. */
    public static KafkaConfig plain() {
        return PLAIN;
    }

    /** One more user who may do everything, known by SASL PLAIN; then nobody else may connect. */
    public KafkaConfig withUser(String name, String password) {
        return with(copy -> copy.users.add("user_" + name + "=" + quoted(password)));
    }

    /** One more user who may do everything, known by SCRAM-SHA-256 and SCRAM-SHA-512; then nobody else may connect. */
    public KafkaConfig withScramUser(String name, String password) {
        return with(copy -> {
            for (String mechanism : SCRAM) {
                copy.scram.add(mechanism + "=[name=" + quoted(name) + ",password=" + quoted(password) + "]");
            }
        });
    }

    /** TLS with the certificate of {@link TestCertificates} for localhost and 127.0.0.1. */
    public KafkaConfig withTls() {
        return with(copy -> copy.certificate = "server.p12");
    }

    /** TLS with a certificate that is good but for another host. */
    public KafkaConfig withTlsForOtherHost() {
        return with(copy -> copy.certificate = "wrong-host.p12");
    }

    /** As {@link #withTls()}, and clients must show a certificate of the same authority. */
    public KafkaConfig withMutualTls() {
        return with(copy -> {
            copy.certificate = "server.p12";
            copy.clientCertificate = true;
        });
    }

    /**
     * As brokers run that have much to do; otherwise they start quickly and are small. One thread for the network: with several, it would be
     * chance how the connections of a client are spread over them, which makes a difference where processors are few.
     */
    public KafkaConfig forLoad() {
        return with(copy -> {
            copy.load = true;
            copy.properties.put("num.network.threads", "1");
        });
    }

    boolean isForLoad() {
        return load;
    }

    /** A property of the broker. */
    public KafkaConfig withProperty(String name, String value) {
        return with(copy -> copy.properties.put(name, value));
    }

    String scheme() {
        return tls() ? "kafka+ssl" : "kafka";
    }

    boolean tls() {
        return !certificate.isEmpty();
    }

    /** The files that the broker's configuration refers to by plain names. */
    Map<String, byte[]> files() {
        return tls()
                ? Map.of(certificate, TestCertificates.read(certificate), TRUSTED, TestCertificates.read(TRUSTED))
                : Map.of();
    }

    /** The file for the broker. */
    byte[] render(KafkaPorts ports, KafkaNode node) {
        Map<String, String> all = new LinkedHashMap<>(DEFAULTS);
        all.put("log.dirs", "data");
        all.put("process.roles", node.isController() ? "broker,controller" : "broker");
        all.put("node.id", Integer.toString(node.id()));
        all.put("controller.quorum.voters", node.voters());
        all.put("listeners", ports.listeners(node));
        all.put("advertised.listeners", ports.advertised());
        String protocol = (hasUsers() ? "SASL_" : "") + (tls() ? "SSL" : "PLAINTEXT");
        all.put(
                "listener.security.protocol.map",
                "CLIENT:" + protocol + ",PROXIED:" + protocol + ",INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT");
        for (String listener : List.of("client", "proxied")) {
            security(listener, all);
        }
        all.putAll(properties);
        StringBuilder text = new StringBuilder();
        all.forEach((name, value) -> text.append(name)
                .append('=')
                .append(value.replace("\\", "\\\\"))
                .append('\n'));
        return text.toString().getBytes(UTF_8);
    }

    private void security(String listener, Map<String, String> all) {
        String prefix = "listener.name." + listener + ".";
        if (tls()) {
            all.put(prefix + "ssl.keystore.type", "PKCS12");
            all.put(prefix + "ssl.keystore.location", certificate);
            all.put(prefix + "ssl.keystore.password", TestCertificates.PASSWORD);
            all.put(prefix + "ssl.key.password", TestCertificates.PASSWORD);
            all.put(prefix + "ssl.truststore.type", "PKCS12");
            all.put(prefix + "ssl.truststore.location", TRUSTED);
            all.put(prefix + "ssl.truststore.password", TestCertificates.PASSWORD);
            all.put(prefix + "ssl.client.auth", clientCertificate ? "required" : "none");
            all.put(prefix + "ssl.cipher.suites", QUICK_CIPHER);
        }
        if (hasUsers()) {
            all.put(prefix + "sasl.enabled.mechanisms", "PLAIN," + String.join(",", SCRAM));
            for (String mechanism : SCRAM) {
                all.put(
                        prefix + mechanism.toLowerCase(Locale.ROOT) + ".sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
            }
            all.put(
                    prefix + "plain.sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required " + String.join(" ", users)
                            + ";");
        }
    }

    private boolean hasUsers() {
        return !users.isEmpty() || !scram.isEmpty();
    }

    /** Those users that the storage tool has to know. */
    List<String> scram() {
        return scram;
    }

    private KafkaConfig with(Consumer<KafkaConfig> change) {
        KafkaConfig copy = new KafkaConfig();
        copy.properties.putAll(properties);
        copy.users.addAll(users);
        copy.scram.addAll(scram);
        copy.certificate = certificate;
        copy.clientCertificate = clientCertificate;
        copy.load = load;
        change.accept(copy);
        return copy;
    }

    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
