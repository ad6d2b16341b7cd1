package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KafkaConfigTest {
    private static final KafkaPorts PORTS = new KafkaPorts(1001, 1002, 1003, 1004, 1005);

    private static String render(KafkaConfig config) {
        return new String(config.render(PORTS, KafkaNode.alone(PORTS)), UTF_8);
    }

    @Test
    void render_twoListenersForClients_eachTellsItsOwnAddress() {
        assertThat(render(KafkaConfig.plain()))
                .contains("listeners=CLIENT://127.0.0.1:1001,PROXIED://127.0.0.1:1002,")
                .contains("advertised.listeners=CLIENT://127.0.0.1:1001,PROXIED://127.0.0.1:1003,")
                .contains("listener.security.protocol.map=CLIENT:PLAINTEXT,PROXIED:PLAINTEXT,");
    }

    @Test
    void render_users_haveToLogIn() {
        String text = render(KafkaConfig.plain().withUser("alice", "p\"w").withUser("bob", "b"));

        assertThat(text)
                .contains("CLIENT:SASL_PLAINTEXT,PROXIED:SASL_PLAINTEXT,INTERNAL:PLAINTEXT")
                .contains("listener.name.client.plain.sasl.jaas.config=")
                .contains("user_alice=\"p\\\\\"w\" user_bob=\"b\";");
    }

    @Test
    void render_tls_showsTheTestCertificate() {
        KafkaConfig config = KafkaConfig.plain().withTls();

        assertThat(render(config))
                .contains("CLIENT:SSL,PROXIED:SSL")
                .contains("listener.name.proxied.ssl.keystore.location=server.p12");
        assertThat(config.files()).containsOnlyKeys("server.p12", "ca.p12");
        assertThat(config.scheme()).isEqualTo("kafka+ssl");
    }

    @Test
    void withProperty_replacesADefault() {
        assertThat(render(KafkaConfig.plain().withProperty("num.io.threads", "9")))
                .contains("num.io.threads=9\n")
                .doesNotContain("num.io.threads=4");
    }
}
