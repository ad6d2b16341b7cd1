package dev.antiphon.cli;

import dev.antiphon.Messenger;
import dev.antiphon.MessengerBuilder;
import dev.antiphon.MessengerListener;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command takes: where to connect, and how to print. */
final class CommonOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** The order is the library's own: the system property, then the environment. */
    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${sys:antiphon.url:-${env:ANTIPHON_URL}}",
            description = "The broker, such as nats://localhost:4222. Default: ANTIPHON_URL.")
    private @Nullable String url;

    @Option(names = "--json", description = "Print JSON to stdout, one object per line.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks at the option, not at the field
    private boolean help;

    @Option(names = "--verbose", description = "Print the causes of errors.")
    private boolean verbose;

    boolean json() {
        return json;
    }

    boolean verbose() {
        return verbose;
    }

    Terminal terminal() {
        return ((Main) spec.root().userObject()).terminal();
    }

    /** The URL, or this one if none is configured. For commands that are complete within one process. */
    String urlOr(String whenNone) {
        return configured().orElse(whenNone);
    }

    /** The URL of a broker that other processes can reach too. */
    String brokerUrl() {
        String configured = configured()
                .orElseThrow(
                        () -> bad("no broker is configured; give --url nats://localhost:4222 or set ANTIPHON_URL"));
        if (isInMemory(configured)) {
            throw bad(shown(configured) + " lives within one process, so no other process can be reached; "
                    + "use a broker, such as --url nats://localhost:4222, or run \"antiphon demo\"");
        }
        return configured;
    }

    Messenger connect(String target, MessengerListener listener) {
        return builder(target).listener(listener).connect();
    }

    MessengerBuilder builder(String target) {
        return Messenger.builder().url(target).name("antiphon-cli");
    }

    private Optional<String> configured() {
        return Optional.ofNullable(url).filter(value -> !value.isBlank());
    }

    ParameterException bad(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }

    static boolean isInMemory(String target) {
        return target.toLowerCase(Locale.ROOT).startsWith("inmemory:");
    }

    /** A URL without what may be secret: user, password and options. When in doubt where they end, the scheme alone. */
    static String shown(String target) {
        String withoutOptions = target.replaceFirst("\\?.*", "");
        boolean inDoubt = target.indexOf('@', withoutOptions.length()) >= 0;
        return inDoubt ? target.replaceFirst("://.*", "://...") : withoutOptions.replaceFirst("//.*@", "//");
    }
}
