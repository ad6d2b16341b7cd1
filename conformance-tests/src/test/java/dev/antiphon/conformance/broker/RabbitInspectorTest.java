package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import dev.antiphon.conformance.broker.RabbitState.Binding;
import dev.antiphon.conformance.broker.RabbitState.Connection;
import dev.antiphon.conformance.broker.RabbitState.Exchange;
import dev.antiphon.conformance.broker.RabbitState.Queue;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RabbitInspectorTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final RabbitBroker broker = RabbitBrokers.shared();
    private final RabbitInspector inspector = broker.inspector();

    @Test
    void subscribedSubjects_areThoseOfTheNamedConnection() throws Exception {
        try (PlainRabbit alice = connect("alice");
                PlainRabbit bob = connect("bob")) {
            consume(alice, "price.*");
            String audit = consume(alice, "audit.#");
            consume(alice, "#");
            consume(bob, "news.#.late");
            consume(bob, "hash#");

            assertThat(inspector.connectionCount("alice")).isEqualTo(1);
            assertThat(inspector.subscribedSubjects("alice")).containsExactly(">", "audit.>", "price.*");
            assertThat(inspector.subscribedSubjects("bob")).containsExactly("hash#", "news.#.late");

            alice.channel().queueDelete(audit);
            assertThat(inspector.subscribedSubjects("alice")).containsExactly(">", "price.*");
        }
        await().atMost(LIMIT).until(() -> inspector.state().connections("alice").isEmpty());
        assertThat(inspector.connectionCount("alice")).isZero();
        assertThat(inspector.subscribedSubjects("alice")).isEmpty();
        assertThat(inspector.state().channels("alice")).isEmpty();
    }

    @Test
    void subscribedSubjects_ofAGroup_areThoseOfEachMember() throws Exception {
        try (PlainRabbit one = connect("one");
                PlainRabbit two = connect("two")) {
            String queue = consume(one, "orders.*");
            two.channel().basicConsume(queue, (tag, delivery) -> {}, tag -> {});
            two.channel().basicConsume(queue, (tag, delivery) -> {}, tag -> {});
            assertThat(inspector.subscribedSubjects("one")).containsExactly("orders.*");
            assertThat(inspector.subscribedSubjects("two")).containsExactly("orders.*", "orders.*");
        }
    }

    @Test
    void state_hasAllThatAClientMade() throws Exception {
        try (PlainRabbit client = connect("maker")) {
            Channel channel = client.channel();
            channel.exchangeDeclare("prices", "topic", false, true, null);
            channel.queueDeclare("quotes é", false, true, true, null);
            channel.queueBind("quotes é", "prices", "eu.*");
            channel.queueDeclare("replicated", true, false, false, Map.of("x-queue-type", "quorum"));
            channel.confirmSelect();
            channel.basicQos(7);
            channel.basicPublish("prices", "eu.de", null, "1".getBytes(UTF_8));
            channel.basicPublish("prices", "eu.fr", null, "2".getBytes(UTF_8));
            channel.waitForConfirmsOrDie(LIMIT.toMillis());
            String tag = channel.basicConsume("quotes é", (consumer, delivery) -> {}, consumer -> {});

            RabbitState state = inspector.state();
            Connection connection = state.connections("maker").get(0);
            assertThat(connection.user()).isEqualTo("guest");
            assertThat(connection.vhost()).isEqualTo("/");
            assertThat(connection.state()).isEqualTo("running");
            assertThat(state.channels("maker")).singleElement().satisfies(its -> {
                assertThat(its.connection()).isEqualTo(connection.id());
                assertThat(its.number()).isEqualTo(channel.getChannelNumber());
                assertThat(its.consumers()).isEqualTo(1);
                assertThat(its.prefetch()).isEqualTo(7);
                assertThat(its.confirm()).isTrue();
            });
            assertThat(state.consumers("maker")).singleElement().satisfies(consumer -> {
                assertThat(consumer.queue()).isEqualTo("quotes é");
                assertThat(consumer.tag()).isEqualTo(tag);
                assertThat(consumer.acknowledges()).isTrue();
                assertThat(consumer.prefetch()).isEqualTo(7);
            });
            assertThat(state.queue("/", "quotes é"))
                    .contains(new Queue("/", "quotes é", "classic", false, true, true, 1, 2));
            assertThat(state.queue("/", "replicated"))
                    .contains(new Queue("/", "replicated", "quorum", true, false, false, 0, 0));
            assertThat(state.exchanges()).contains(new Exchange("/", "prices", "topic", false, true));
            assertThat(state.bindings()).contains(new Binding("/", "prices", "eu.*", "quotes é", true));
            await().atMost(LIMIT)
                    .until(() -> inspector.state().channels("maker").get(0).unacknowledged() == 2);
            channel.queueDelete("replicated");
        }
        await().atMost(LIMIT)
                .until(() -> inspector.state().queue("/", "quotes é").isEmpty());
        assertThat(inspector.state().exchanges())
                .noneMatch(exchange -> exchange.name().equals("prices"));
    }

    /** As in a container, or without Erlang's own tool. */
    @Test
    void state_byRabbitmqctl_isTheSame() throws Exception {
        try (PlainRabbit client = connect("same")) {
            consume(client, "some.#");
            assertThat(broker.inspector().state().connections("same")).hasSize(1);
            if (broker instanceof RabbitServer server) {
                RabbitCommands slow = arguments -> server.node().ctl(arguments);
                assertThat(new RabbitInspector(slow).state()).isEqualTo(inspector.state());
            }
        }
    }

    private static String consume(PlainRabbit client, String key) throws Exception {
        Channel channel = client.channel();
        String queue = channel.queueDeclare("", false, false, true, null).getQueue();
        channel.queueBind(queue, "amq.topic", key);
        channel.basicConsume(queue, true, (tag, delivery) -> {}, tag -> {});
        return queue;
    }

    private PlainRabbit connect(String name) throws Exception {
        return PlainRabbit.of(broker.url(), name, factory -> {});
    }
}
