package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.ConfigurationException;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.spi.TransportProvider;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** URL, options and defaults made into settings; everything that is wrong is told at once. */
class ConfigurationTest {

    @Test
    void resolve_schemeAndHostOnly_takesTheDefaults() {
        Configuration.Resolved resolved = new Wanted("scripted://host").resolve();

        assertThat(resolved.settings())
                .isEqualTo(new EngineSettings(
                        "antiphon", Duration.ofSeconds(5), 16_384, OverloadPolicy.WAIT, null, Duration.ZERO));
        assertThat(resolved.transport().scheme()).isEqualTo("scripted");
        assertThat(resolved.transport().addresses()).hasToString("[host]");
        assertThat(resolved.transport().connectionName()).isEqualTo("antiphon");
        assertThat(resolved.transport().number("size")).contains(10L);
        assertThat(resolved.transport().flag("echo")).isFalse();
        assertThat(resolved.transport().duration("pause")).contains(Duration.ofSeconds(2));
        assertThat(resolved.transport().text("text")).isEmpty();
    }

    @Test
    void resolve_everythingInTheUrl_isTaken() {
        Configuration.Resolved resolved = new Wanted("scripted+tls://host:1/path?name=me&request-timeout=250ms"
                        + "&max-in-flight=7&on-in-flight-limit=reject&on-disconnect=resend&wait-for-broker=1m"
                        + "&size=99&echo=true&pause=PT3S&text=a%20b&file=/x/y")
                .resolve();

        assertThat(resolved.settings())
                .isEqualTo(new EngineSettings(
                        "me",
                        Duration.ofMillis(250),
                        7,
                        OverloadPolicy.REJECT,
                        DisconnectPolicy.RESEND,
                        Duration.ofMinutes(1)));
        assertThat(resolved.transport().path()).isEqualTo("path");
        assertThat(resolved.transport().connectionName()).isEqualTo("me");
        assertThat(resolved.transport().number("size")).contains(99L);
        assertThat(resolved.transport().flag("echo")).isTrue();
        assertThat(resolved.transport().duration("pause")).contains(Duration.ofSeconds(3));
        assertThat(resolved.transport().text("text")).contains("a b");
        assertThat(resolved.transport().text("file")).contains("/x/y");
    }

    @Test
    void resolve_setInUrlOptionsAndBuilder_theProgramWins() {
        Wanted wanted = new Wanted("scripted://host?request-timeout=1s&max-in-flight=1&size=1&name=url&text=url")
                .option("max-in-flight", "2")
                .option("size", "2")
                .option("name", "option");
        wanted.maxInFlight = 3;
        wanted.requestTimeout = Duration.ofSeconds(3);

        Configuration.Resolved resolved = wanted.resolve();

        assertThat(resolved.settings().maxInFlight())
                .as("builder's method over its option")
                .isEqualTo(3);
        assertThat(resolved.settings().requestTimeout()).as("builder over URL").isEqualTo(Duration.ofSeconds(3));
        assertThat(resolved.transport().number("size")).as("option over URL").contains(2L);
        assertThat(resolved.settings().name()).as("option over URL").isEqualTo("option");
        assertThat(resolved.transport().text("text")).as("URL over default").contains("url");
    }

    @Test
    void resolve_manyProblems_areAllToldAtOnceAndNothingIsMade() {
        ScriptedProvider.CONFIGS.clear();
        Wanted wanted = new Wanted("scripted://host:99999?size=many&echo=yes&pause=soon&colour=red&max-in-flight=0"
                        + "&on-disconnect=cry&request-timeout=25h&on-in-flight-limit=drop&a&=b")
                .option("wait-for-broker", "-1s");

        ConfigurationException failure = catchThrowableOfType(ConfigurationException.class, wanted::resolve);

        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        for (String what : List.of(
                "host:99999",
                "\"a\" in the URL has no value",
                "has no name",
                "\"size\" must be a whole number",
                "\"echo\" must be true or false",
                "\"pause\" is not a duration",
                "unknown option \"colour\"",
                "\"max-in-flight\" must be from 1",
                "\"on-disconnect\" must be one of fail, wait, resend",
                "\"request-timeout\" must be more than zero and at most 24h",
                "\"on-in-flight-limit\" must be one of reject, wait",
                "\"wait-for-broker\" is not a duration")) {
            assertThat(failure.problems())
                    .as(what)
                    .filteredOn(problem -> problem.contains(what))
                    .hasSize(1);
            assertThat(failure.getMessage()).contains(what);
        }
        assertThat(failure.problems()).hasSize(12);
        assertThat(ScriptedProvider.CONFIGS).isEmpty();
    }

    @Test
    void resolve_unknownSchemeAndBadEngineOption_areBothTold() {
        List<String> problems = problemsOf(new Wanted("nope://host?max-in-flight=abc"));

        assertThat(problems).anySatisfy(problem -> assertThat(problem).contains("\"nope\""));
        assertThat(problems).anySatisfy(problem -> assertThat(problem).contains("max-in-flight"));
    }

    @Test
    void resolve_unknownOption_namesThoseThatAreKnown() {
        assertThat(problemsOf(new Wanted("scripted://host?colour=red")))
                .singleElement()
                .asString()
                .contains("\"colour\"", "transport scripted", "request-timeout", "max-in-flight", "pause", "token");
    }

    @ParameterizedTest
    @CsvSource({
        "nats,dev.antiphon:antiphon-transport-nats",
        "nats+tls,dev.antiphon:antiphon-transport-nats",
        "amqp,dev.antiphon:antiphon-transport-amqp",
        "kafka,dev.antiphon:antiphon-transport-kafka",
        "inmemory,dev.antiphon:antiphon-transport-inmemory"
    })
    void resolve_knownSchemeNotThere_namesTheArtifactToAdd(String scheme, String artifact) {
        assertThat(problemsOf(new Wanted(scheme + "://host")))
                .singleElement()
                .asString()
                .contains("\"" + scheme + "\"", "present are scripted, scripted+tls", artifact);
    }

    @Test
    void resolve_twoProvidersOfOneScheme_namesThem() {
        List<TransportProvider> providers = List.of(new ScriptedProvider(), new ScriptedProvider("scripted"));

        ConfigurationException failure = catchThrowableOfType(
                ConfigurationException.class,
                () -> Configuration.resolve(new Wanted("scripted://host").options(), providers));

        assertThat(failure.problems()).singleElement().asString().contains("several", "ScriptedProvider", "keep one");
    }

    @Test
    void resolve_noProvider_saysSo() {
        ConfigurationException failure = catchThrowableOfType(
                ConfigurationException.class,
                () -> Configuration.resolve(new Wanted("nats://host").options(), List.of()));

        assertThat(failure.getMessage()).contains("present are none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "scripted://user:s3cr3t@host",
                "scripted://user:s3cr3t@host:bad",
                "scripted://user:s3cr3t@host?colour=red",
                "scripted://user:s3cr3t%ZZ@host",
                "scripted://user:s3c/s3cr3t@host:0x1",
                "scripted://user:s3cr3t",
                "scripted://user:pass?s3cr3t@host",
                "scripted://user:pass?s3cr3t=x@host",
                "scripted://user:pass#s3cr3t@host:bad",
                "scripted://s3cr3t:x@host,:0",
                "scripted://host?token=s3cr3t&size=many",
                "scripted://host?token=s3cr3t%ZZ",
                "scripted://host?token=s3cr3t&token=s3cr3t",
                "nope://user:s3cr3t@host?token=s3cr3t",
                "user:s3cr3t@host",
                "//user:s3cr3t@host"
            })
    void secrets_whateverIsWrong_areNotShown(String url) {
        String shown;
        try {
            Configuration.Resolved resolved = new Wanted(url).resolve();
            shown = resolved + " " + resolved.transport() + " " + resolved.settings();
        } catch (ConfigurationException failure) {
            shown = failure + " " + failure.problems();
        }
        shown += new Wanted(url).option("token", "s3cr3t").options();

        assertThat(shown).doesNotContain("s3cr3t");
    }

    @Test
    void secrets_inOptions_reachTheTransportAndNothingElse() {
        Configuration.Resolved resolved =
                new Wanted("scripted://me:pw@host").option("token", "s3cr3t").resolve();

        assertThat(resolved.transport().text("token")).contains("s3cr3t");
        assertThat(resolved.transport().user()).contains("me");
        assertThat(resolved.transport().password()).contains("pw");
        assertThat(Stream.of(resolved.toString(), resolved.transport().toString()))
                .allSatisfy(text -> assertThat(text).doesNotContain("s3cr3t", "pw"));
    }

    private static List<String> problemsOf(Wanted wanted) {
        return catchThrowableOfType(ConfigurationException.class, wanted::resolve)
                .problems();
    }
}
