package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.spi.TransportConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {

    private static TransportConfig config(String scheme, Map<String, String> options) {
        return new TransportConfig(
                scheme, List.of(new TransportConfig.Address("broker", 1)), "", "user", "secret", "me", options);
    }

    private static Map<String, Object> client(String scheme, Map<String, String> options) {
        return new Settings(config(scheme, options)).client(List.of("broker:1"), "producer");
    }

    @Test
    void client_nativeProperties_goBeforeOurs(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("client.properties");
        Files.writeString(file, "reconnect.backoff.ms=7\nclient.rack=a\nbootstrap.servers=elsewhere:2\n");

        Map<String, Object> all = client(
                "kafka",
                Map.of("properties", " client.rack = b ; check.crcs=false", "properties-file", file.toString()));

        assertThat(all)
                .containsEntry("reconnect.backoff.ms", "7")
                .containsEntry("client.rack", "b")
                .containsEntry("check.crcs", "false")
                .containsEntry("bootstrap.servers", "broker:1"); // the URL says where the brokers are
    }

    @Test
    void client_semicolonsInQuotes_arePartOfTheValue() {
        Map<String, Object> all = client(
                "kafka", Map.of("properties", "sasl.jaas.config=a.Module required password=\"a;b=c\";;client.rack=r"));

        assertThat(all)
                .containsEntry("sasl.jaas.config", "a.Module required password=\"a;b=c\";")
                .containsEntry("client.rack", "r");
    }

    @Test
    void client_ownPropertiesForTls_areNotOverruled() {
        Map<String, Object> own = client("kafka+ssl", Map.of("properties", "ssl.truststore.location=/tmp/own.pem"));
        Map<String, Object> ours = client("kafka+ssl", Map.of());

        assertThat(own).doesNotContainKey("ssl.engine.factory.class");
        assertThat(ours).containsKey("ssl.engine.factory.class");
    }

    @Test
    void problems_nameWhatIsWrong() {
        List<String> problems = Settings.problems(config(
                "kafka",
                Map.of(
                        "properties", "linger.ms:5",
                        "presence-interval", "11s",
                        "connect-timeout", "600h",
                        "subjects", "topic:antiphon.replies")));

        assertThat(problems)
                .hasSize(4)
                .anySatisfy(problem -> assertThat(problem).contains("properties", "name=value"))
                .anySatisfy(problem -> assertThat(problem).contains("presence-interval", "1ms to 10s"))
                .anySatisfy(problem -> assertThat(problem).contains("connect-timeout"))
                .anySatisfy(problem -> assertThat(problem).contains("subjects", "antiphon.replies"));
        assertThat(Settings.problems(config("kafka", Map.of("properties", "linger.ms=5;"))))
                .isEmpty();
    }
}
