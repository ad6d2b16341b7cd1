package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessengerUrlTest {

    private final List<String> problems = new ArrayList<>();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nats://host                  | nats     | [host]",
                "NATS+TLS://host:4222         | nats+tls | [host:4222]",
                "nats://a:1,b,c:65535         | nats     | [a:1, b, c:65535]",
                "nats://[::1]:4222            | nats     | [[::1]:4222]",
                "nats://[fe80::1],[::2]:9     | nats     | [fe80::1, [::2]:9]",
                "nats://10.0.0.1:0            | nats     | [10.0.0.1:0]",
                "nats://host_name.example:1   | nats     | [host_name.example:1]",
                "inmemory://my-bus            | inmemory | [my-bus]",
                "nats://user:pw@host:1/path   | nats     | [host:1]",
                "nats://u:p@ss@host           | nats     | [host]",
            })
    void parse_good_hasSchemeAndAddresses(String url, String scheme, String addresses) {
        MessengerUrl parsed = parse(url);

        assertThat(problems).isEmpty();
        assertThat(parsed.scheme()).isEqualTo(scheme);
        assertThat(parsed.addresses()).hasToString(addresses);
    }

    @Test
    void parse_allParts_areDecoded() {
        MessengerUrl parsed = parse("nats://us%40er:p%3Aw%2Fd+%3F@host:1/a%20b/c?text=x%26y+z%3D&other=1");

        assertThat(problems).isEmpty();
        assertThat(parsed.user()).isEqualTo("us@er");
        assertThat(parsed.password()).isEqualTo("p:w/d+?");
        assertThat(parsed.path()).isEqualTo("a b/c");
        assertThat(parsed.options()).isEqualTo(Map.of("text", "x&y+z=", "other", "1"));
    }

    @Test
    void parse_partsMissing_areEmpty() {
        MessengerUrl parsed = parse("nats://host?");

        assertThat(problems).isEmpty();
        assertThat(parsed.user()).isNull();
        assertThat(parsed.password()).isNull();
        assertThat(parsed.path()).isEmpty();
        assertThat(parsed.options()).isEmpty();
    }

    @Test
    void parse_userWithoutPassword_hasNone() {
        assertThat(parse("nats://token@host").user()).isEqualTo("token");
        assertThat(parse("nats://token@host").password()).isNull();
        assertThat(parse("nats://user:@host").password()).isEmpty();
    }

    @Test
    void parse_passwordWithColon_isKept() {
        assertThat(parse("nats://user:a:b@host").password()).isEqualTo("a:b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "host:4222                | no scheme",
                "://host                  | no scheme",
                "nats://                  | no address",
                "nats://:4222             | no address",
                "nats://host:             | no address",
                "nats://host:65536        | no address",
                "nats://host:-1           | no address",
                "nats://host:4x           | no address",
                "nats://host:999999999999 | no address",
                "nats://a,,b              | no address",
                "nats://[::1              | no address",
                "nats://[::1]4222         | no address",
                "nats://ho st             | no address",
                "nats://::1               | no address",
                "nats://host/%zz          | the path in the URL has a bad percent escape",
                "nats://%4@host           | the user in the URL has a bad percent escape",
                "nats://u:%@host          | the password in the URL has a bad percent escape",
                "nats://host?a=%1         | option a in the URL has a bad percent escape",
                "nats://host?a            | no value",
                "nats://host?=1           | no name",
                "nats://host?a=1&a=2      | stands twice",
            })
    void parse_bad_isAProblem(String url, String problem) {
        MessengerUrl.parse(url, problems);

        assertThat(problems).singleElement().asString().contains(problem);
    }

    @Test
    void parse_severalProblems_findsAll() {
        MessengerUrl.parse("nats://%4@host:x,good,also:bad/%zz?a&b=%q", problems);

        assertThat(problems).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats://user:s3cr3t@host?token=s3cr3t", "nats://s3cr3t@host"})
    void toString_always_hidesCredentialsAndOptions(String url) {
        assertThat(parse(url)).hasToString("nats://[host]");
    }

    private MessengerUrl parse(String url) {
        return Objects.requireNonNull(MessengerUrl.parse(url, problems));
    }
}
