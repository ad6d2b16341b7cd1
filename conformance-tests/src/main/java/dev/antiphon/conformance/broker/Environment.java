package dev.antiphon.conformance.broker;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What decides which brokers there are.
 *
 * @param variables of the process
 * @param serverDirectories where to look for programs after the PATH
 */
record Environment(Map<String, String> variables, String serverDirectories) {
    private static final List<String> SERVER_DIRECTORIES =
            List.of("/usr/sbin", "/usr/local/sbin", "/usr/lib/rabbitmq/bin");

    Environment {
        variables = Map.copyOf(variables);
    }

    /** That of this process; servers are also looked for where Debian installs them, off the PATH of ordinary users. */
    static Environment ofProcess() {
        return of(System.getenv());
    }

    static Environment of(Map<String, String> variables) {
        return new Environment(variables, String.join(File.pathSeparator, SERVER_DIRECTORIES));
    }

    /** Empty if it is not set, or blank. */
    Optional<String> setting(String name) {
        return Optional.ofNullable(variables.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** Where an installed program is. */
    Optional<Path> program(String name) {
        return program(name, file -> true);
    }

    /** Where an installed program is that is not only called so. */
    Optional<Path> program(String name, Predicate<Path> genuine) {
        return Stream.of(searchPath().split(File.pathSeparator))
                .filter(directory -> !directory.isBlank())
                .map(directory -> Path.of(directory, name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .filter(genuine)
                .findFirst();
    }

    String searchPath() {
        return setting("PATH").map(path -> path + File.pathSeparator).orElse("") + serverDirectories;
    }
}
