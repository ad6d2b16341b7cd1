package dev.antiphon.conformance.broker;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What decides which brokers there are.
 *
 * @param variables of the process
 * @param serverDirectories where to look for programs after the PATH
 */
record Environment(Map<String, String> variables, String serverDirectories) {
    Environment {
        variables = Map.copyOf(variables);
    }

    /** That of this process; servers are also looked for where Debian installs them, off the PATH of ordinary users. */
    static Environment ofProcess() {
        return of(System.getenv());
    }

    static Environment of(Map<String, String> variables) {
        return new Environment(variables, "/usr/sbin" + File.pathSeparator + "/usr/local/sbin");
    }

    /** Empty if it is not set, or blank. */
    Optional<String> setting(String name) {
        return Optional.ofNullable(variables.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** Where an installed program is. */
    Optional<Path> program(String name) {
        return Stream.of(searchPath().split(File.pathSeparator))
                .filter(directory -> !directory.isBlank())
                .map(directory -> Path.of(directory, name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    String searchPath() {
        return setting("PATH").map(path -> path + File.pathSeparator).orElse("") + serverDirectories;
    }
}
