package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The classes of a broker as a JVM keeps them once it has loaded them: a broker that finds them there starts with 3 instead of 5 seconds of
 * processor time. Made by the first who needs it, beside the class path that the build has made, for this JVM's version.
 */
final class KafkaArchive {
    private static final Map<KafkaClassPath, Optional<Path>> KNOWN = new ConcurrentHashMap<>();

    private KafkaArchive() {}

    /** The file for this class path; empty if the class path is not that of the build. */
    static Optional<Path> of(KafkaClassPath classPath) {
        return KNOWN.computeIfAbsent(
                classPath, any -> classPath.directory().flatMap(directory -> find(classPath, directory)));
    }

    private static Optional<Path> find(KafkaClassPath classPath, Path directory) {
        int kind = (classPath.text() + Runtime.version()).hashCode();
        Path file = directory.resolve("kafka-broker-" + Integer.toHexString(kind) + ".jsa");
        Path lockFile = directory.resolve(file.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock(); // until it is closed: other JVMs want it, too
            if (!Files.exists(file)) {
                make(classPath, file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.of(file).filter(Files::exists);
    }

    /** The JVM writes it when it ends, if it is one that can. */
    private static void make(KafkaClassPath classPath, Path file) throws IOException {
        Path directory = Files.createTempDirectory(file.getParent(), "jsa");
        Path unfinished = directory.resolve("unfinished.jsa");
        KafkaServer.runOnce(classPath, configFile -> classPath.archivingBroker(configFile, unfinished));
        if (Files.exists(unfinished)) {
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.delete(directory);
    }
}
