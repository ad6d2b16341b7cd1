package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The commands for one Erlang node that runs RabbitMQ out of a directory of its own.
 *
 * <p>RabbitMQ's scripts take nearly everything from variables, from files in {@code /etc} and from the home directory. All of them
 * are given here and nothing else is inherited, so that neither the machine's configuration nor another RabbitMQ on it matters.
 */
final class RabbitNode implements RabbitCommands {
    private static final String NODE = "test@localhost";
    private static final int COOKIE_BYTES = 20;

    private final Path server;
    private final Path leanServer;
    private final Path directory;
    private final List<String> environment;
    private final Supplier<Optional<Long>> pid;

    /**
     * @param server the program {@code rabbitmq-server}
     * @param searchPath where Erlang is
     * @param pid of the node, while it runs
     */
    RabbitNode(Path server, String searchPath, Path directory, int epmdPort, Supplier<Optional<Long>> pid) {
        this.server = server;
        this.directory = directory;
        this.pid = pid;
        leanServer = RabbitHome.withoutPlugins(server, directory.resolve("home"));
        environment = environment(searchPath, epmdPort);
        writeCookie();
    }

    /** To run in the foreground, as the process itself and not as a child of a script: so signals reach it. */
    List<String> serverCommand() {
        List<String> command = new ArrayList<>(environment);
        // Otherwise it takes where the scripts are from where the links lead.
        command.add("RABBITMQ_SCRIPTS_DIR=" + leanServer.getParent());
        command.add(leanServer.toString());
        return command;
    }

    @Override
    public String ctl(String... arguments) {
        List<String> command = new ArrayList<>(environment);
        command.addAll(List.of(server.resolveSibling("rabbitmqctl").toString(), "--node", NODE));
        command.addAll(List.of(arguments));
        return Command.run("rabbitmqctl " + arguments[0], command, "");
    }

    /** Erlang's own tool, where it is installed, takes milliseconds. */
    @Override
    public String eval(String erlang) {
        Optional<Path> tool = erlangCall();
        if (tool.isEmpty()) {
            return ctl("eval", erlang);
        }
        List<String> command = new ArrayList<>(environment);
        command.addAll(List.of(tool.get().toString(), "-sname", NODE, "-r", "-e", "-fetch_stdout", "-no_result_term"));
        // A line without end is not evaluated.
        return Command.run("erl_call", command, erlang + "\n");
    }

    /** Where the node keeps queues, users and all else. */
    Path data() {
        return directory.resolve("data");
    }

    /** Beside the virtual machine that the node runs on. */
    private Optional<Path> erlangCall() {
        return pid.get()
                .flatMap(ProcessHandle::of)
                .flatMap(process -> process.info().command())
                .map(machine -> Path.of(machine).resolveSibling("erl_call"))
                .filter(Files::isExecutable);
    }

    private List<String> environment(String searchPath, int epmdPort) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("PATH", searchPath);
        variables.put("HOME", directory.toString());
        variables.put("LANG", "C.UTF-8");
        variables.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        variables.put("ERL_EPMD_PORT", Integer.toString(epmdPort));
        variables.put("ERL_CRASH_DUMP", directory.resolve("erl_crash.dump").toString());
        variables.put("RABBITMQ_CONF_ENV_FILE", directory.resolve("none").toString());
        variables.put("RABBITMQ_NODENAME", NODE);
        variables.put("RABBITMQ_DIST_PORT", Integer.toString(LoopbackPorts.free()));
        variables.put("RABBITMQ_MNESIA_BASE", data().toString());
        variables.put("RABBITMQ_LOG_BASE", directory.resolve("log").toString());
        variables.put("RABBITMQ_LOGS", "-");
        variables.put("RABBITMQ_CONFIG_FILE", directory.resolve("rabbitmq.conf").toString());
        variables.put(
                "RABBITMQ_ADVANCED_CONFIG_FILE",
                directory.resolve("none.config").toString());
        variables.put(
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                directory.resolve("enabled_plugins").toString());
        variables.put("RABBITMQ_PID_FILE", directory.resolve("node.pid").toString());
        // The script replaces itself by the node, and SIGKILL leaves no node behind.
        variables.put("RUNNING_UNDER_SYSTEMD", "1");
        variables.put("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        List<String> command = new ArrayList<>(List.of("env", "-i"));
        variables.forEach((name, value) -> command.add(name + "=" + value));
        return command;
    }

    /** What lets rabbitmqctl in. Erlang refuses one that others may read. */
    private void writeCookie() {
        byte[] secret = new byte[COOKIE_BYTES];
        new SecureRandom().nextBytes(secret);
        Path file = directory.resolve(".erlang.cookie");
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, HexFormat.of().formatHex(secret));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
