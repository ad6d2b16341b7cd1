package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.SocketFactory;

/** The first frame that a RabbitMQ server sends to a client that speaks AMQP 0-9-1, before it asks who that is. */
record RabbitGreeting(String clusterName, String version) {
    private static final int MILLIS = 1_000;
    private static final byte[] PROTOCOL = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
    private static final int METHOD_FRAME = 1;
    private static final int CONNECTION_START = 10 << 16 | 10;
    private static final int MAX_FRAME = 1 << 16;

    /**
     * Empty if nothing there greets as a RabbitMQ server does, within a second.
     *
     * @param sockets those of a client of that server, with TLS or without
     */
    static Optional<RabbitGreeting> ask(InetSocketAddress address, SocketFactory sockets) {
        try (Socket socket = sockets.createSocket()) {
            socket.connect(address, MILLIS);
            socket.setSoTimeout(MILLIS);
            socket.getOutputStream().write(PROTOCOL);
            return read(new DataInputStream(socket.getInputStream()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<RabbitGreeting> read(DataInputStream in) throws IOException {
        int type = in.readUnsignedByte();
        int channel = in.readUnsignedShort();
        int length = in.readInt();
        if (type != METHOD_FRAME || channel != 0 || length < 0 || length > MAX_FRAME) {
            return Optional.empty();
        }
        DataInputStream frame = new DataInputStream(new ByteArrayInputStream(in.readNBytes(length)));
        if (frame.readInt() != CONNECTION_START) {
            return Optional.empty();
        }
        frame.readShort();
        Map<String, String> properties = texts(frame.readNBytes(frame.readInt()));
        return Optional.of(new RabbitGreeting(
                properties.getOrDefault("cluster_name", ""), properties.getOrDefault("version", "")));
    }

    /** The texts of a table; it is not read further than its first value of a type that no server sends here. */
    private static Map<String, String> texts(byte[] table) throws IOException {
        Map<String, String> texts = new HashMap<>();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(table));
        while (in.available() > 0) {
            String name = new String(in.readNBytes(in.readUnsignedByte()), UTF_8);
            switch (in.readUnsignedByte()) {
                case 'S' -> texts.put(name, new String(in.readNBytes(in.readInt()), UTF_8));
                case 'F' -> in.readNBytes(in.readInt());
                case 't' -> in.readByte();
                default -> {
                    return texts;
                }
            }
        }
        return texts;
    }
}
