package dev.antiphon.conformance.broker;

import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;

/** A RabbitMQ server that somebody else runs. */
final class ExternalRabbit extends ExternalBroker implements RabbitBroker {
    private static final int PORT = 5672;
    private static final int TLS_PORT = 5671;

    private final Environment environment;
    private final RabbitGreeting greeting;
    private final RabbitCommands commands = this::ctl;
    private final RabbitInspector inspector = new RabbitInspector(commands);
    private final RabbitAdmin admin = new RabbitAdmin(commands, inspector);

    ExternalRabbit(String url, Environment environment) {
        super(RabbitBrokers.URL_VARIABLE, url, tls(url) ? TLS_PORT : PORT, "amqp://host:5672");
        this.environment = environment;
        SocketFactory sockets = tls(url) ? SSLSocketFactory.getDefault() : SocketFactory.getDefault();
        greeting = RabbitGreeting.ask(address(), sockets).orElseThrow(() -> silent("RabbitMQ server"));
    }

    @Override
    public String version() {
        return greeting.version();
    }

    @Override
    public RabbitInspector inspector() {
        return inspector;
    }

    @Override
    public RabbitAdmin admin() {
        return admin;
    }

    @Override
    public void wipe() {
        throw refused("wipe");
    }

    private String ctl(String... arguments) {
        String command = environment
                .setting(RabbitBrokers.CTL_VARIABLE)
                .orElseThrow(() -> refused(
                        "inspect or administer",
                        "set " + RabbitBrokers.CTL_VARIABLE + " to the command that runs its rabbitmqctl"));
        List<String> all = new ArrayList<>(List.of(command.split(" +")));
        all.addAll(List.of(arguments));
        return Command.run("rabbitmqctl " + arguments[0], all, "");
    }

    private static boolean tls(String url) {
        return url.startsWith("amqps:");
    }
}
