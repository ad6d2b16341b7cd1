package dev.antiphon.conformance.broker;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * An installation of RabbitMQ without its plugins, as links to the real one. The server looks for each of some hundreds of modules in
 * one directory after the other, those of all plugins included: without them it starts with 4.3 instead of 7 seconds of processor time
 * (3.10.8).
 */
final class RabbitHome {
    private static final String SCRIPTS = "sbin";
    private static final String PLUGINS = "plugins";
    /** Called as plugins are, but a part of the server. */
    private static final String PART_OF_SERVER = "rabbitmq_prelaunch";

    private RabbitHome() {}

    /**
     * Makes one in a directory.
     *
     * @param program {@code rabbitmq-server} of the real one
     * @return {@code rabbitmq-server} of this one; {@code program} where that is not laid out as RabbitMQ's releases are
     */
    static Path withoutPlugins(Path program, Path directory) {
        try {
            Path scripts = requireNonNull(program.toRealPath().getParent());
            Path plugins = scripts.resolveSibling(PLUGINS);
            if (!Files.isDirectory(plugins)) {
                return program;
            }
            link(scripts, Files.createDirectories(directory.resolve(SCRIPTS)));
            link(plugins, Files.createDirectories(directory.resolve(PLUGINS)));
            return directory.resolve(SCRIPTS).resolve(program.getFileName());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void link(Path from, Path to) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.filter(RabbitHome::isNeeded).toList()) {
                Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
            }
        }
    }

    private static boolean isNeeded(Path entry) {
        String name = entry.getFileName().toString();
        return !name.startsWith("rabbitmq_") || name.startsWith(PART_OF_SERVER);
    }
}
