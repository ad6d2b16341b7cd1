package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** Asks a NATS server over its monitoring port. It answers while the server runs and is not paused. Any thread. */
public final class NatsInspector implements BrokerInspector {
    private static final int MILLIS = 10_000;
    private static final int PAGE = 1_000;

    private final Supplier<URI> monitor;
    private final int page;

    /** @param monitor asked for the address of the monitoring port at each call */
    NatsInspector(Supplier<URI> monitor) {
        this(monitor, PAGE);
    }

    private NatsInspector(Supplier<URI> monitor, int page) {
        this.monitor = monitor;
        this.page = page;
    }

    /** One that asks for so many connections at a time. */
    NatsInspector withPage(int size) {
        return new NatsInspector(monitor, size);
    }

    /** The open connections. */
    public List<NatsConnection> connections() {
        List<NatsConnection> all = new ArrayList<>();
        JsonNode answer;
        do {
            answer = ask("/connz?subs=detail&limit=" + page + "&offset=" + all.size());
            answer.path("connections").forEach(connection -> all.add(connection(connection)));
        } while (!answer.path("connections").isEmpty()
                && all.size() < answer.path("total").asInt());
        return all;
    }

    /** The open connections of clients with that name. */
    public List<NatsConnection> connections(String name) {
        return connections().stream()
                .filter(connection -> connection.name().equals(name))
                .toList();
    }

    /** The subscriptions of clients with that name, sorted by subject. */
    public List<NatsSubscription> subscriptions(String connectionName) {
        return connections(connectionName).stream()
                .flatMap(connection -> connection.subscriptions().stream())
                .sorted(Comparator.comparing(NatsSubscription::subject))
                .toList();
    }

    /** How many subscriptions the server holds for all its clients. */
    public int subscriptionCount() {
        return connections().stream()
                .mapToInt(connection -> connection.subscriptions().size())
                .sum();
    }

    @Override
    public int connectionCount(String connectionName) {
        return connections(connectionName).size();
    }

    @Override
    public List<String> subscribedSubjects(String connectionName) {
        return subscriptions(connectionName).stream()
                .map(NatsSubscription::subject)
                .toList();
    }

    /** Whatever else the monitoring port serves: {@code /varz}, {@code /subsz}, {@code /jsz}, ... */
    public JsonNode ask(String pathAndQuery) {
        URI uri = monitor.get().resolve(pathAndQuery);
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(MILLIS);
            connection.setReadTimeout(MILLIS);
            // Keeps no connection, and so no thread, for the next time.
            connection.setRequestProperty("Connection", "close");
            try (InputStream body = connection.getInputStream()) {
                return Json.parse(new String(body.readAllBytes(), UTF_8));
            }
        } catch (IOException e) {
            throw new BrokerException("no answer from " + uri + ": " + e.getMessage(), e);
        }
    }

    private static NatsConnection connection(JsonNode node) {
        List<NatsSubscription> subscriptions = new ArrayList<>();
        for (JsonNode one : node.path("subscriptions_list_detail")) {
            subscriptions.add(new NatsSubscription(
                    one.path("subject").asText(), one.path("qgroup").asText()));
        }
        subscriptions.sort(Comparator.comparing(NatsSubscription::subject));
        return new NatsConnection(
                node.path("cid").asLong(),
                node.path("name").asText(),
                node.path("pending_bytes").asLong(),
                subscriptions);
    }
}
