package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a NATS server for tests is configured. Immutable; the {@code with} methods return a copy that has more.
 *
 * <p>Host, ports, monitoring and server name are the kit's business. All else can be given as text in the server's own language,
 * see {@link #withText}.
 */
public final class NatsConfig {
    private static final NatsConfig PLAIN = new NatsConfig();

    private final List<String> users = new ArrayList<>();
    private final List<String> authorization = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private final List<String> ports = new ArrayList<>();
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private boolean tls;

    private NatsConfig() {}

    /** Anyone may connect, without TLS; core NATS only. */
    public static NatsConfig plain() {
        return PLAIN;
    }

    /** One more user who may do everything. */
    public NatsConfig withUser(String name, String password) {
        return with(copy -> copy.users.add("{ user: " + quoted(name) + ", password: " + quoted(password) + " }"));
    }

    /** One more user, known by the public key of an NKey. */
    public NatsConfig withNkey(String publicKey) {
        return with(copy -> copy.users.add("{ nkey: " + quoted(publicKey) + " }"));
    }

    /** One token for all. A NATS server has a token or users, not both. */
    public NatsConfig withToken(String token) {
        return with(copy -> copy.authorization.add("token: " + quoted(token)));
    }

    /** TLS with the certificate of {@link TestCertificates} for localhost and 127.0.0.1. */
    public NatsConfig withTls() {
        return withTls("server", "");
    }

    /** TLS with a certificate that is good but for another host. */
    public NatsConfig withTlsForOtherHost() {
        return withTls("wrong-host", "");
    }

    /** As {@link #withTls()}, and clients must show a certificate of the same authority. */
    public NatsConfig withMutualTls() {
        return withTls("server", "ca_file: \"ca.pem\", verify: true, ")
                .withFile("ca.pem", TestCertificates.read("ca.pem"));
    }

    /** The largest payload it takes. */
    public NatsConfig withMaxPayload(int bytes) {
        return withText("max_payload: " + bytes);
    }

    /** JetStream, with a store that lives as long as the broker, restarts included. */
    public NatsConfig withJetStream() {
        return withText("jetstream { store_dir: \"jetstream\" }");
    }

    /**
     * More of the configuration, in the server's language. <code>{{host}}</code> becomes the host to listen on and
     * <code>{{port:name}}</code> the port of {@link #withPort}; paths start in the directory of {@link #withFile}.
     */
    public NatsConfig withText(String text) {
        return with(copy -> copy.texts.add(text));
    }

    /** Reserves one more port, to be used in {@link #withText} and found with {@link NatsBroker#address(String)}. */
    public NatsConfig withPort(String name) {
        return with(copy -> copy.ports.add(name));
    }

    /** A file that the configuration refers to by its plain name. */
    public NatsConfig withFile(String name, byte[] content) {
        return with(copy -> copy.files.put(name, content.clone()));
    }

    List<String> ports() {
        return List.copyOf(ports);
    }

    Map<String, byte[]> files() {
        return files;
    }

    String scheme() {
        return tls ? "nats+tls" : "nats";
    }

    /** The file for the server: {@code ports} has one for {@code client}, one for {@code monitor}, and the reserved ones. */
    byte[] render(String serverName, String host, Map<String, Integer> portNumbers) {
        List<String> lines = new ArrayList<>();
        lines.add("server_name: " + quoted(serverName));
        lines.add("listen: \"{{host}}:{{port:client}}\"");
        lines.add("http: \"{{host}}:{{port:monitor}}\"");
        List<String> auth = new ArrayList<>(authorization);
        if (!users.isEmpty()) {
            auth.add("users: [ " + String.join(", ", users) + " ]");
        }
        if (!auth.isEmpty()) {
            lines.add("authorization { " + String.join(", ", auth) + " }");
        }
        lines.addAll(texts);
        String text = String.join("\n", lines).replace("{{host}}", host);
        for (Map.Entry<String, Integer> port : portNumbers.entrySet()) {
            text = text.replace(
                    "{{port:" + port.getKey() + "}}", port.getValue().toString());
        }
        return text.concat("\n").getBytes(UTF_8);
    }

    private NatsConfig withTls(String certificate, String clients) {
        String pem = certificate + ".pem";
        String key = certificate + ".key";
        // Ten seconds, for machines that are busy: the default of two is for servers in production.
        return with(copy -> copy.tls = true)
                .withText("tls { " + clients + "cert_file: \"" + pem + "\", key_file: \"" + key + "\", timeout: 10 }")
                .withFile(pem, TestCertificates.read(pem))
                .withFile(key, TestCertificates.read(key));
    }

    private NatsConfig with(Consumer<NatsConfig> change) {
        NatsConfig copy = new NatsConfig();
        copy.users.addAll(users);
        copy.authorization.addAll(authorization);
        copy.texts.addAll(texts);
        copy.ports.addAll(ports);
        copy.files.putAll(files);
        copy.tls = tls;
        change.accept(copy);
        return copy;
    }

    private static String quoted(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
