package dev.antiphon.transport.amqp;

import static dev.antiphon.spi.TransportOption.duration;
import static dev.antiphon.spi.TransportOption.flag;
import static dev.antiphon.spi.TransportOption.number;
import static dev.antiphon.spi.TransportOption.text;

import dev.antiphon.spi.TlsOptions;
import dev.antiphon.spi.TransportOption;
import java.util.List;
import java.util.stream.Stream;

/** The names of the options of the RabbitMQ transport, as they stand in a URL or are set by program. Those of TLS are {@link TlsOptions}. */
public final class AmqpOptions {

    /** How long one attempt to connect to one broker may take. */
    public static final String CONNECT_TIMEOUT = "connect-timeout";

    /** The pause before the brokers are tried again, and up to a fifth more. */
    public static final String RECONNECT_WAIT = "reconnect-wait";

    /** How often each broker is tried after a connection was lost. */
    public static final String MAX_RECONNECTS = "max-reconnects";

    /** How often broker and client tell each other that they are there. */
    public static final String HEARTBEAT = "heartbeat";

    /** What a subject is: {@code routing-keys} or {@code queues}. */
    public static final String SUBJECTS = "subjects";

    /** The topic exchange that subjects are routing keys of. */
    public static final String EXCHANGE = "exchange";

    /** Where replies go: {@code exclusive-queue} or {@code direct}. */
    public static final String REPLY = "reply";

    /** Whether queue groups outlive their members, and publications a restart of the broker. */
    public static final String DURABLE = "durable";

    /** The kind of queue of a durable group: {@code classic} or {@code quorum}. */
    public static final String QUEUE_TYPE = "queue-type";

    /** After what time without a member the queue of a durable group is deleted. */
    public static final String GROUP_EXPIRES = "group-expires";

    /** The largest body, in bytes. */
    public static final String MAX_BODY = "max-body";

    /** How many bytes may wait to be sent. */
    public static final String MAX_PENDING = "max-pending";

    private AmqpOptions() {}

    /** All of them. */
    static List<TransportOption> all() {
        return Stream.of(connecting(), TlsOptions.all(), entities(), sizes())
                .flatMap(List::stream)
                .toList();
    }

    private static List<TransportOption> connecting() {
        return List.of(
                duration(CONNECT_TIMEOUT, "5s", "How long one attempt to connect to one broker may take."),
                duration(
                        RECONNECT_WAIT,
                        "250ms",
                        "The pause before all brokers are tried again, and up to a fifth more at random."),
                number(
                        MAX_RECONNECTS,
                        null,
                        "How often each broker is tried after a lost connection before giving up; for ever if not set."),
                duration(
                        HEARTBEAT,
                        "5s",
                        "How often both sides say that they are there, in whole seconds; a dead connection is found "
                                + "after about twice that."));
    }

    private static List<TransportOption> entities() {
        return List.of(
                text(
                        SUBJECTS,
                        "routing-keys",
                        "What subjects are: routing-keys of the exchange, or names of plain queues."),
                text(EXCHANGE, "antiphon", "The topic exchange; it is declared unless its name begins with amq."),
                text(REPLY, "exclusive-queue", "Where replies go: exclusive-queue or direct (direct reply-to)."),
                flag(
                        DURABLE,
                        false,
                        "Whether queue groups outlive their members, and publications a restart of the broker."),
                text(QUEUE_TYPE, "classic", "The kind of queue of durable groups: classic or quorum."),
                duration(
                        GROUP_EXPIRES,
                        null,
                        "After what time without a member the queue of a durable group is deleted; never if not set."));
    }

    private static List<TransportOption> sizes() {
        return List.of(
                number(
                        MAX_BODY,
                        Settings.DEFAULT_MAX_BODY,
                        "The largest body to send, in bytes; brokers do not tell what they take."),
                number(
                        MAX_PENDING,
                        Settings.DEFAULT_MAX_PENDING,
                        "How many bytes may wait to be sent; beyond that sends fail with RESOURCE_EXHAUSTED."));
    }
}
