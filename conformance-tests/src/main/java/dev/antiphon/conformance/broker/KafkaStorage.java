package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What the storage tool of Kafka writes for a new cluster. It takes a second to run, so it is run once in this JVM; every controller gets
 * a copy, and every broker an identity of its own.
 */
final class KafkaStorage {
    private record Kind(KafkaClassPath classPath, List<String> scram) {}

    private static final Map<Kind, KafkaStorage> MADE = new ConcurrentHashMap<>();
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String METADATA = "__cluster_metadata-0";

    private final Map<String, byte[]> files = new ConcurrentHashMap<>();

    private KafkaStorage(Kind kind) {
        try (TemporaryDirectory directory = TemporaryDirectory.create("kafka-format")) {
            KafkaPorts ports = new KafkaPorts(1, 2, 3, 4, 5);
            directory.write("format.properties", KafkaConfig.plain().render(ports, KafkaNode.alone(ports)));
            format(kind, directory);
            read(directory.file("data").resolve(METADATA));
        }
    }

    /** @param scram users as the storage tool takes them */
    static KafkaStorage of(KafkaClassPath classPath, List<String> scram) {
        return MADE.computeIfAbsent(new Kind(classPath, List.copyOf(scram)), KafkaStorage::new);
    }

    private static void format(Kind kind, TemporaryDirectory directory) {
        List<String> arguments = new ArrayList<>(List.of("format", "-c", "format.properties", "-t", randomId()));
        kind.scram.forEach(user -> arguments.addAll(List.of("--add-scram", user)));
        var command = kind.classPath.java("kafka.tools.StorageTool", arguments.toArray(new String[0]));
        try (ChildProcess tool = ChildProcess.start(directory, "format", command, Map.of())) {
            Path made = directory.file("data").resolve("meta.properties");
            boolean ended = tool.awaitEnd(LIMIT);
            if (!ended || !Files.exists(made)) {
                throw new BrokerException("Kafka's storage tool made nothing. It said:\n" + tool.logTail());
            }
        }
    }

    private void read(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the directory of a new broker. */
    void copyTo(Path data, KafkaNode node) {
        try {
            Files.createDirectories(data);
            if (node.isController()) {
                Path metadata = Files.createDirectory(data.resolve(METADATA));
                for (Map.Entry<String, byte[]> file : files.entrySet()) {
                    Files.write(metadata.resolve(file.getKey()), file.getValue());
                }
            }
            String identity = "version=1\nnode.id=" + node.id() + "\ncluster.id=" + node.clusterId() + "\ndirectory.id="
                    + randomId() + "\n";
            Files.write(data.resolve("meta.properties"), identity.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A UUID in 22 characters that does not begin like an option. */
    static String randomId() {
        UUID id = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits() >>> 1)
                .putLong(id.getLeastSignificantBits())
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
