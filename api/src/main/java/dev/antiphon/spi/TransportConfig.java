package dev.antiphon.spi;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A checked URL with its options, as a transport receives it. Immutable. The values have the type their
 * {@link TransportOption} declares, so the typed accessors do not fail.
 */
public final class TransportConfig {

    private final String scheme;
    private final List<Address> addresses;
    private final String path;
    private final @Nullable String user;
    private final @Nullable String password;
    private final String connectionName;
    private final Map<String, String> options;

    /**
     * One broker address.
     *
     * @param host a host name or IP address; for {@code inmemory://name} the name
     * @param port the port, or -1 when the URL gave none
     */
    public record Address(String host, int port) {
        /** {@code host:port}, or the host alone. */
        @Override
        public String toString() {
            return port < 0 ? host : (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * A configuration.
     *
     * @param path the URL's path without the leading slash; may be empty
     * @param options values by option name, declared defaults included
     */
    public TransportConfig(
            String scheme,
            List<Address> addresses,
            String path,
            @Nullable String user,
            @Nullable String password,
            String connectionName,
            Map<String, String> options) {
        this.scheme = scheme;
        this.addresses = List.copyOf(addresses);
        this.path = path;
        this.user = user;
        this.password = password;
        this.connectionName = connectionName;
        this.options = Map.copyOf(options);
    }

    /** The URL's scheme, in lower case. */
    public String scheme() {
        return scheme;
    }

    /** The addresses, at least one. */
    public List<Address> addresses() {
        return addresses;
    }

    /** The URL's path, decoded, without the leading slash; may be empty. */
    public String path() {
        return path;
    }

    /** The user in the URL. */
    public Optional<String> user() {
        return Optional.ofNullable(user);
    }

    /** The password in the URL. Never show it. */
    public Optional<String> password() {
        return Optional.ofNullable(password);
    }

    /** The name to give the connection, shown by the broker's tools. */
    public String connectionName() {
        return connectionName;
    }

    /** The value of a TEXT, SECRET or PATH option. */
    public Optional<String> text(String option) {
        return Optional.ofNullable(options.get(option));
    }

    /** The value of a NUMBER option. */
    public Optional<Long> number(String option) {
        return text(option).map(Long::valueOf);
    }

    /** The value of a FLAG option; false when it is not set. */
    public boolean flag(String option) {
        return Boolean.parseBoolean(options.get(option));
    }

    /** The value of a DURATION option. */
    public Optional<Duration> duration(String option) {
        return text(option).map(Durations::parse);
    }

    /** Scheme, addresses and path; neither credentials nor option values. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(scheme).append("://");
        for (int i = 0; i < addresses.size(); i++) {
            text.append(i == 0 ? "" : ",").append(addresses.get(i));
        }
        return path.isEmpty() ? text.toString() : text.append('/').append(path).toString();
    }
}
