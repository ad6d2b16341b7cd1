package dev.antiphon.conformance.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A JVM with a broker of its own, to be killed. It prints what the test must know, and then waits for its end. */
final class ChildJvm {
    private ChildJvm() {}

    static Process start(Class<?> main) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new ProcessBuilder(java.toString(), "-cp", System.getProperty("java.class.path"), main.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    static List<String> lines(Process jvm, int count) throws IOException {
        List<String> lines = new ArrayList<>();
        BufferedReader out = jvm.inputReader();
        while (lines.size() < count) {
            String line = out.readLine();
            if (line == null) {
                throw new IOException("the JVM ended after " + lines);
            }
            lines.add(line);
        }
        return lines;
    }

    private static void waitForEnd() throws IOException {
        while (System.in.read() >= 0) {
            // Nobody writes.
        }
    }

    static final class OfSleep {
        public static void main(String[] arguments) throws IOException {
            TemporaryDirectory directory = TemporaryDirectory.create("child-jvm");
            ChildProcess child = ChildProcess.start(directory, "sleep", List.of("sleep", "600"), Map.of());
            System.out.println(directory.path());
            System.out.println(child.pid());
            waitForEnd();
        }
    }

    static final class OfNats {
        public static void main(String[] arguments) throws IOException {
            NatsBroker broker = NatsBrokers.open(NatsConfig.plain());
            System.out.println(broker.address().getPort());
            waitForEnd();
        }
    }

    static final class OfRabbit {
        public static void main(String[] arguments) throws IOException {
            Environment environment = Environment.ofProcess();
            Path program = environment
                    .program(RabbitBrokers.PROGRAM, RabbitBrokers::isServer)
                    .orElseThrow();
            RabbitServer broker = RabbitServer.open(program, environment.searchPath(), RabbitConfig.plain());
            System.out.println(broker.address().getPort());
            System.out.println(broker.directory());
            waitForEnd();
        }
    }
}
