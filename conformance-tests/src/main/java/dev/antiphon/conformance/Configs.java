package dev.antiphon.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportConfig.Address;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the configuration of a transport out of a fixture's URL, which is known to be right. */
final class Configs {
    private Configs() {}

    static TransportConfig of(TransportProvider provider, String url, Map<String, String> options, String name) {
        String[] schemeAndRest = url.split("://", 2);
        String[] hostsAndQuery = schemeAndRest[1].split("\\?", 2);
        int at = hostsAndQuery[0].lastIndexOf('@');
        String[] userInfo =
                at < 0 ? new String[0] : hostsAndQuery[0].substring(0, at).split(":", 2);
        String[] hostsAndPath = hostsAndQuery[0].substring(at + 1).split("/", 2);
        Map<String, String> values = new LinkedHashMap<>();
        for (TransportOption option : provider.options()) {
            String value = option.defaultValue();
            if (value != null) {
                values.put(option.name(), value);
            }
        }
        if (hostsAndQuery.length > 1) {
            values.putAll(query(hostsAndQuery[1]));
        }
        values.putAll(options);
        return new TransportConfig(
                schemeAndRest[0],
                addresses(hostsAndPath[0]),
                hostsAndPath.length > 1 ? hostsAndPath[1] : "",
                userInfo.length > 0 ? URLDecoder.decode(userInfo[0], UTF_8) : null,
                userInfo.length > 1 ? URLDecoder.decode(userInfo[1], UTF_8) : null,
                name,
                values);
    }

    private static Map<String, String> query(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            String[] nameAndValue = pair.split("=", 2);
            values.put(nameAndValue[0], URLDecoder.decode(nameAndValue[1], UTF_8));
        }
        return values;
    }

    private static List<Address> addresses(String hosts) {
        List<Address> addresses = new ArrayList<>();
        for (String host : hosts.split(",", -1)) {
            int colon = host.lastIndexOf(':');
            addresses.add(
                    colon < 0
                            ? new Address(host, -1)
                            : new Address(host.substring(0, colon), Integer.parseInt(host.substring(colon + 1))));
        }
        return addresses;
    }
}
