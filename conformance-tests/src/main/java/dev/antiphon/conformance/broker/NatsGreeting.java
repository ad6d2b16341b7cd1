package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Optional;

/** The first line that a NATS server sends to everyone who connects, before TLS and before it asks who that is. */
record NatsGreeting(String serverName, String version) {
    private static final int MILLIS = 1_000;
    private static final String PREFIX = "INFO ";

    /** Empty if nothing there greets as a NATS server does, within a second. */
    static Optional<NatsGreeting> ask(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, MILLIS);
            socket.setSoTimeout(MILLIS);
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
            return Optional.ofNullable(line)
                    .filter(some -> some.startsWith(PREFIX))
                    .map(NatsGreeting::parse);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static NatsGreeting parse(String line) {
        JsonNode info = Json.parse(line.substring(PREFIX.length()));
        return new NatsGreeting(
                info.path("server_name").asText(), info.path("version").asText());
    }
}
