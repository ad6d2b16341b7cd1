package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.SocketFactory;

/**
 * How a RabbitMQ server for tests is configured. Immutable; the {@code with} methods return a copy that has more.
 *
 * <p>Addresses, logging, node and cluster name are the kit's business. All else can be given as lines of {@code rabbitmq.conf}, see
 * {@link #withText}. Users and virtual hosts are there from the first start, and are put back at each.
 */
public final class RabbitConfig {
    private static final RabbitConfig PLAIN = new RabbitConfig();
    private static final String DEFAULT_VHOST = "/";
    private static final String DEFINITIONS = "definitions.json";
    private static final String CONFIGURATION = "rabbitmq.conf";

    private final Map<String, String> users = new LinkedHashMap<>();
    private final List<String> vhosts = new ArrayList<>(List.of(DEFAULT_VHOST));
    private final List<String> texts = new ArrayList<>();
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private boolean tls;

    private RabbitConfig() {}

    /** The user {@code guest}, whose password is the same, may do everything, from anywhere; without TLS. */
    public static RabbitConfig plain() {
        return PLAIN;
    }

    /** One more user who may do everything in every virtual host. The first one takes the place of {@code guest}. */
    public RabbitConfig withUser(String name, String password) {
        return with(copy -> copy.users.put(name, password));
    }

    /** One more virtual host beside {@code /}. The broker's URL leads to the last that was given. */
    public RabbitConfig withVhost(String name) {
        return with(copy -> copy.vhosts.add(name));
    }

    /** TLS with the certificate of {@link TestCertificates} for localhost and 127.0.0.1; nothing listens without. */
    public RabbitConfig withTls() {
        return withTls("server", false);
    }

    /** TLS with a certificate that is good but for another host. */
    public RabbitConfig withTlsForOtherHost() {
        return withTls("wrong-host", false);
    }

    /** As {@link #withTls()}, and clients must show a certificate of the same authority. */
    public RabbitConfig withMutualTls() {
        return withTls("server", true);
    }

    /** The largest body it takes. */
    public RabbitConfig withMaxMessageSize(int bytes) {
        return withText("max_message_size = " + bytes);
    }

    /** How many channels a connection may have. */
    public RabbitConfig withChannelMax(int channels) {
        return withText("channel_max = " + channels);
    }

    /**
     * More lines of {@code rabbitmq.conf}. <code>{{directory}}</code> becomes the directory where the files of {@link #withFile}
     * are.
     */
    public RabbitConfig withText(String text) {
        return with(copy -> copy.texts.add(text));
    }

    /** A file that the configuration refers to. */
    public RabbitConfig withFile(String name, byte[] content) {
        return with(copy -> copy.files.put(name, content.clone()));
    }

    /** Those of a client that every server of this kit talks to. */
    SocketFactory sockets() {
        return tls ? TestCertificates.withClientCertificate().getSocketFactory() : SocketFactory.getDefault();
    }

    /** What a client at that port connects to. */
    String url(int port) {
        String vhost = vhosts.get(vhosts.size() - 1);
        String path = vhost.equals(DEFAULT_VHOST) ? "" : "/" + encoded(vhost);
        return (tls ? "amqps" : "amqp") + "://127.0.0.1:" + port + path;
    }

    /**
     * All the files for the server, by name; {@code rabbitmq.conf} is one.
     *
     * @param directory where they will be
     * @param address to listen on
     */
    Map<String, byte[]> render(String clusterName, String directory, String address) {
        Map<String, byte[]> all = new LinkedHashMap<>(files);
        all.put(DEFINITIONS, definitions().getBytes(UTF_8));
        List<String> lines = new ArrayList<>();
        lines.add("cluster_name = " + clusterName);
        lines.add("listeners.tcp" + (tls ? " = none" : ".1 = " + address));
        lines.addAll(tls ? List.of("listeners.ssl.1 = " + address) : List.of());
        lines.add("loopback_users = none");
        lines.add("load_definitions = {{directory}}/" + DEFINITIONS);
        lines.add("log.console = true");
        lines.add("log.console.level = info");
        lines.add("log.file = false");
        // Tests need little of either, and less than the default may be left.
        lines.add("disk_free_limit.absolute = 50MB");
        lines.addAll(texts);
        String text = String.join("\n", lines).replace("{{directory}}", directory);
        all.put(CONFIGURATION, text.concat("\n").getBytes(UTF_8));
        return all;
    }

    private String definitions() {
        Map<String, String> everyone = accounts();
        List<Map<String, String>> accounts = everyone.entrySet().stream()
                .map(user -> Map.of("name", user.getKey(), "password", user.getValue(), "tags", "administrator"))
                .toList();
        List<Map<String, String>> permissions =
                everyone.keySet().stream().flatMap(this::everything).toList();
        return Json.write(Map.of(
                "vhosts",
                vhosts.stream().map(name -> Map.of("name", name)).toList(),
                "users",
                accounts,
                "permissions",
                permissions));
    }

    /** The passwords of all users, by name. */
    Map<String, String> accounts() {
        return users.isEmpty() ? Map.of("guest", "guest") : users;
    }

    private Stream<Map<String, String>> everything(String user) {
        return vhosts.stream()
                .map(vhost -> Map.of("user", user, "vhost", vhost, "configure", ".*", "write", ".*", "read", ".*"));
    }

    private RabbitConfig withTls(String certificate, boolean mutual) {
        return with(copy -> copy.tls = true)
                .withFile("ca.pem", TestCertificates.read("ca.pem"))
                .withFile(certificate + ".pem", TestCertificates.read(certificate + ".pem"))
                .withFile(certificate + ".key", TestCertificates.read(certificate + ".key"))
                .withText("ssl_options.cacertfile = {{directory}}/ca.pem")
                .withText("ssl_options.certfile = {{directory}}/" + certificate + ".pem")
                .withText("ssl_options.keyfile = {{directory}}/" + certificate + ".key")
                .withText("ssl_options.verify = " + (mutual ? "verify_peer" : "verify_none"))
                .withText("ssl_options.fail_if_no_peer_cert = " + mutual);
    }

    private RabbitConfig with(Consumer<RabbitConfig> change) {
        RabbitConfig copy = new RabbitConfig();
        copy.users.putAll(users);
        copy.vhosts.clear();
        copy.vhosts.addAll(vhosts);
        copy.texts.addAll(texts);
        copy.files.putAll(files);
        copy.tls = tls;
        change.accept(copy);
        return copy;
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, UTF_8).replace("+", "%20");
    }
}
