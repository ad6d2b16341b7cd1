package dev.antiphon.conformance.broker;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the classes of a Kafka broker are: a class path of its own, so that the broker's Scala and its libraries are never on that of
 * the tests.
 *
 * @param text as the {@code java} command takes it
 * @param directory where the build has put it, and other files that belong to it
 */
record KafkaClassPath(String text, Optional<Path> directory) {
    /** The system property with the name of a file that has the class path in it. */
    static final String PROPERTY = "antiphon.test.kafka.classpath";

    /** The environment variable with the directory of an unpacked Kafka release. */
    static final String HOME_VARIABLE = "ANTIPHON_TEST_KAFKA_HOME";

    private static final String BROKER = "kafka.Kafka";

    private static final Pattern VERSION = Pattern.compile("kafka_2\\.13-([0-9][^/\\\\]*)\\.jar");

    /** The one that the build has made, or that of a release. */
    static Optional<KafkaClassPath> find(Environment environment) {
        Optional<Path> made = Optional.ofNullable(System.getProperty(PROPERTY)).map(Path::of);
        if (made.filter(Files::isRegularFile).isPresent()) {
            return made.map(KafkaClassPath::read);
        }
        return environment
                .setting(HOME_VARIABLE)
                .map(home -> new KafkaClassPath(Path.of(home, "libs") + File.separator + "*", Optional.empty()));
    }

    private static KafkaClassPath read(Path file) {
        try {
            return new KafkaClassPath(
                    Files.readString(file).strip(),
                    Optional.ofNullable(file.toAbsolutePath().getParent()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String version() {
        Matcher matcher = VERSION.matcher(text);
        return matcher.find() ? matcher.group(1) : "of " + text;
    }

    /** What starts a broker. */
    List<String> broker(String configFile, boolean forLoad) {
        return forLoad
                ? java(List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC"), BROKER, configFile)
                : java(
                        small(KafkaArchive.of(this).map(archive -> "-XX:SharedArchiveFile=" + archive)),
                        BROKER,
                        configFile);
    }

    /** What starts a broker whose JVM writes the classes that it has loaded to an archive when it ends. */
    List<String> archivingBroker(String configFile, Path archive) {
        return java(small(Optional.of("-XX:ArchiveClassesAtExit=" + archive)), BROKER, configFile);
    }

    /** What runs a main class: quickly, and small, since many come and go. */
    List<String> java(String mainClass, String... arguments) {
        return java(small(Optional.empty()), mainClass, arguments);
    }

    private static List<String> small(Optional<String> archive) {
        List<String> options =
                new ArrayList<>(List.of("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        archive.ifPresent(options::add);
        return options;
    }

    private List<String> java(List<String> options, String mainClass, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-cp",
                text,
                mainClass));
        command.addAll(List.of(arguments));
        return command;
    }
}
