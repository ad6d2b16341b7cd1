package dev.antiphon.engine;

import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Provides {@link ScriptedTransport}s, with an option of each type. Public for {@link java.util.ServiceLoader}. */
public final class ScriptedProvider implements TransportProvider {

    /** Makes the transports; the test may replace it. */
    static volatile Function<TransportConfig, Transport> factory = config -> new ScriptedTransport();

    static final List<TransportConfig> CONFIGS = new CopyOnWriteArrayList<>();

    private final Set<String> schemes;

    /** For {@link java.util.ServiceLoader}. */
    public ScriptedProvider() {
        this("scripted", "scripted+tls");
    }

    ScriptedProvider(String... schemes) {
        this.schemes = Set.of(schemes);
    }

    @Override
    public String name() {
        return "scripted";
    }

    @Override
    public Set<String> schemes() {
        return schemes;
    }

    @Override
    public List<TransportOption> options() {
        return List.of(
                new TransportOption("text", TransportOption.Type.TEXT, null, "any text"),
                new TransportOption("token", TransportOption.Type.SECRET, null, "a secret"),
                new TransportOption("size", TransportOption.Type.NUMBER, "10", "a number"),
                new TransportOption("echo", TransportOption.Type.FLAG, "false", "a flag"),
                new TransportOption("pause", TransportOption.Type.DURATION, "2s", "a duration"),
                new TransportOption("file", TransportOption.Type.PATH, null, "a path"));
    }

    @Override
    public Capabilities capabilities() {
        return ScriptedTransport.CAPABILITIES;
    }

    @Override
    public Transport create(TransportConfig config) {
        CONFIGS.add(config);
        return factory.apply(config);
    }
}
