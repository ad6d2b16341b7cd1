package dev.antiphon.benchmarks;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the figures were taken. */
final class Machine {

    private static final Pattern LIBRARY = Pattern.compile("(antiphon-api|vertx-core|jnats)-[\\d.].*\\.jar");

    private Machine() {}

    /** One line: hardware, Java, flags, versions, and how busy the machine was before. */
    static String describe(Plan plan, Broker broker) {
        return String.format(
                Locale.ROOT,
                "%d cores, %s %s, Java %s, %s; %s; load average %.1f at the start",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.version(),
                String.join(" ", plan.jvmFlags()),
                Stream.concat(libraries(), broker.description().stream()).collect(Collectors.joining(", ")),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static Stream<String> libraries() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> String.valueOf(Path.of(entry).getFileName()))
                .filter(name -> LIBRARY.matcher(name).matches())
                .map(name -> name.substring(0, name.length() - ".jar".length()))
                .sorted();
    }
}
