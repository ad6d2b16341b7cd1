package dev.antiphon.transport.amqp;

import dev.antiphon.spi.TransportConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The options that say how subjects, groups and replies are mapped.
 *
 * @param plainQueues whether a subject is the name of a queue, and no routing key
 * @param exchange the topic exchange
 * @param exclusiveReplyQueue whether replies go to a queue of their own
 * @param durable whether the queues of groups are durable, and publications persistent
 * @param quorum whether those queues are quorum queues
 * @param groupExpires after what time an unused one is deleted, or null for never
 */
record Settings(
        boolean plainQueues,
        String exchange,
        boolean exclusiveReplyQueue,
        boolean durable,
        boolean quorum,
        @Nullable Duration groupExpires,
        long maxBody,
        long maxPending) {

    /** What RabbitMQ takes by default since version 4; older ones take more. */
    static final long DEFAULT_MAX_BODY = 16L * 1024 * 1024;

    static final long DEFAULT_MAX_PENDING = 64L * 1024 * 1024;

    private static final String QUEUES = "queues";
    private static final String DIRECT = "direct";
    private static final String QUORUM = "quorum";

    /** Reads the options, and adds what is wrong with them to {@code problems}. */
    static Settings of(TransportConfig config, List<String> problems) {
        String subjects = choice(config, AmqpOptions.SUBJECTS, problems, "routing-keys", QUEUES);
        String reply = choice(config, AmqpOptions.REPLY, problems, "exclusive-queue", DIRECT);
        String queueType = choice(config, AmqpOptions.QUEUE_TYPE, problems, "classic", QUORUM);
        boolean durable = config.flag(AmqpOptions.DURABLE);
        Duration expires = config.duration(AmqpOptions.GROUP_EXPIRES).orElse(null);
        if (!durable && queueType.equals(QUORUM)) {
            problems.add("quorum queues are durable; set " + AmqpOptions.DURABLE + "=true as well");
        }
        if (expires != null && (expires.toMillis() < 1 || expires.toMillis() > Integer.MAX_VALUE)) {
            problems.add("the option " + AmqpOptions.GROUP_EXPIRES + " must be between 1ms and 24 days");
        }
        String exchange = config.text(AmqpOptions.EXCHANGE).orElse("antiphon");
        if (exchange.isEmpty() || RoutingKeys.length(exchange) > RoutingKeys.MAX_BYTES) {
            problems.add("the option " + AmqpOptions.EXCHANGE + " must name an exchange, in 255 bytes at most");
        }
        return new Settings(
                subjects.equals(QUEUES),
                exchange,
                !reply.equals(DIRECT),
                durable,
                queueType.equals(QUORUM),
                expires,
                bytes(config, AmqpOptions.MAX_BODY, DEFAULT_MAX_BODY, problems),
                bytes(config, AmqpOptions.MAX_PENDING, DEFAULT_MAX_PENDING, problems));
    }

    /** Whether publications are written to disk: those that are meant to outlive the broker. */
    boolean persistent() {
        return durable;
    }

    private static long bytes(TransportConfig config, String option, long defaultValue, List<String> problems) {
        long value = config.number(option).orElse(defaultValue);
        if (value < 1 || value > Integer.MAX_VALUE - 64) {
            problems.add("the option " + option + " must be between 1 and " + (Integer.MAX_VALUE - 64));
        }
        return value;
    }

    private static String choice(
            TransportConfig config, String option, List<String> problems, String first, String second) {
        Optional<String> value = config.text(option);
        if (value.isPresent() && !value.get().equals(first) && !value.get().equals(second)) {
            problems.add("the option " + option + " is " + first + " or " + second + "; got \"" + value.get() + "\"");
        }
        return value.orElse(first);
    }
}
