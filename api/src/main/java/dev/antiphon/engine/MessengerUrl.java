package dev.antiphon.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.spi.TransportConfig.Address;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A URL in its parts: {@code scheme://[user[:password]@]host[:port][,host[:port]]...[/path][?option=value&...]}. It is
 * parsed here, since {@link java.net.URI} knows neither several hosts nor all characters of host names.
 */
record MessengerUrl(
        String scheme,
        List<Address> addresses,
        String path,
        @Nullable String user,
        @Nullable String password,
        Map<String, String> options) {

    /**
     * Parses a URL. What is wrong is added to {@code problems}, without the URL itself: it may hold a password.
     *
     * @return null when not even a scheme is there
     */
    static @Nullable MessengerUrl parse(String url, List<String> problems) {
        List<String> found = new ArrayList<>();
        MessengerUrl parsed = parseParts(url, found);
        if (!found.isEmpty() && mayHavePasswordAmongOptions(url)) {
            problems.add("the URL can not be read; if user or password have a '?', write %3F in its place");
            return parsed == null ? null : parsed.withoutOptions();
        }
        problems.addAll(found);
        return parsed;
    }

    private MessengerUrl withoutOptions() {
        return new MessengerUrl(scheme, addresses, path, user, password, Map.of());
    }

    /** Whether the first '?' may belong to a password. What then looks like options must not be shown. */
    private static boolean mayHavePasswordAmongOptions(String url) {
        int query = url.indexOf('?');
        return query >= 0 && url.indexOf('@', query) >= 0 && url.lastIndexOf('@', query) < 0;
    }

    private static @Nullable MessengerUrl parseParts(String url, List<String> problems) {
        int colon = url.indexOf("://");
        if (colon <= 0) {
            problems.add("the URL has no scheme; write for example nats://localhost:4222 or inmemory://name");
            return null;
        }
        String scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
        String rest = url.substring(colon + 3);
        Map<String, String> options = new LinkedHashMap<>();
        int query = rest.indexOf('?');
        if (query >= 0) {
            parseQuery(rest.substring(query + 1), options, problems);
            rest = rest.substring(0, query);
        }
        int at = rest.lastIndexOf('@');
        String userInfo = at < 0 ? null : rest.substring(0, at);
        String hostsAndPath = rest.substring(at + 1);
        int slash = hostsAndPath.indexOf('/');
        String hosts = slash < 0 ? hostsAndPath : hostsAndPath.substring(0, slash);
        String path = slash < 0 ? "" : decode(hostsAndPath.substring(slash + 1), "the path", problems);
        String user = null;
        String password = null;
        if (userInfo != null) {
            int separator = userInfo.indexOf(':');
            user = decode(separator < 0 ? userInfo : userInfo.substring(0, separator), "the user", problems);
            password = separator < 0 ? null : decode(userInfo.substring(separator + 1), "the password", problems);
        }
        return new MessengerUrl(scheme, parseAddresses(hosts, problems), path, user, password, options);
    }

    private static List<Address> parseAddresses(String hosts, List<String> problems) {
        List<Address> addresses = new ArrayList<>();
        for (String host : hosts.split(",", -1)) {
            Address address = parseAddress(host);
            if (address == null) {
                problems.add("\"" + shown(host) + "\" in the URL is no address; write host, host:port or [ipv6]:port");
            } else {
                addresses.add(address);
            }
        }
        return addresses;
    }

    /** What looks like host and port; otherwise it may be a user and a password without a host. */
    private static String shown(String host) {
        int colon = host.indexOf(':');
        return colon < 0 || host.startsWith("[") || host.matches("[^:]*:\\d{0,5}")
                ? host
                : host.substring(0, colon) + ":...";
    }

    private static @Nullable Address parseAddress(String text) {
        int hostEnd = text.startsWith("[") ? text.indexOf(']') + 1 : text.indexOf(':');
        if (hostEnd < 0) {
            hostEnd = text.length();
        }
        String host = text.startsWith("[") && hostEnd > 0 ? text.substring(1, hostEnd - 1) : text.substring(0, hostEnd);
        String port = text.substring(hostEnd);
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ')) {
            return null;
        }
        if (port.isEmpty()) {
            return new Address(host, -1);
        }
        if (!port.matches(":\\d{1,5}") || Integer.parseInt(port.substring(1)) > 65_535) {
            return null;
        }
        return new Address(host, Integer.parseInt(port.substring(1)));
    }

    private static void parseQuery(String query, Map<String, String> options, List<String> problems) {
        for (String pair : query.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                problems.add("option \"" + (equals < 0 ? pair : "") + "\" in the URL has no "
                        + (equals < 0 ? "value" : "name") + "; write option=value");
                continue;
            }
            String name = pair.substring(0, equals);
            if (options.put(name, decode(pair.substring(equals + 1), "option " + name, problems)) != null) {
                problems.add("option \"" + name + "\" stands twice in the URL");
            }
        }
    }

    private static String decode(String text, String what, List<String> problems) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException e) {
            problems.add(what + " in the URL has a bad percent escape");
            return text;
        }
    }

    /** Neither credentials nor option values. */
    @Override
    public String toString() {
        return scheme + "://" + addresses;
    }
}
