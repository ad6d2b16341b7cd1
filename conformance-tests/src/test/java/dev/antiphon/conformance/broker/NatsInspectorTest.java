package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.Dispatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NatsInspectorTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final NatsBroker broker = NatsBrokers.open(NatsConfig.plain());
    private final NatsInspector inspector = broker.inspector();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    @Test
    void subscriptions_areThoseOfTheNamedConnection() throws Exception {
        try (PlainClient alice = connect("alice");
                PlainClient bob = connect("bob")) {
            Dispatcher dispatcher = alice.nats().createDispatcher(message -> {});
            dispatcher.subscribe("price.*", "pricing").subscribe("audit.>");
            bob.nats().subscribe("news");
            alice.flush();
            bob.flush();

            assertThat(inspector.subscriptions("alice"))
                    .containsExactly(new NatsSubscription("audit.>", ""), new NatsSubscription("price.*", "pricing"));
            assertThat(inspector.subscribedSubjects("bob")).containsExactly("news");
            assertThat(inspector.subscriptionCount()).isEqualTo(3);
            assertThat(inspector.connectionCount("alice")).isEqualTo(1);
            assertThat(inspector.connections())
                    .extracting(NatsConnection::name)
                    .containsExactlyInAnyOrder("alice", "bob");

            dispatcher.unsubscribe("audit.>");
            alice.flush();
            assertThat(inspector.subscribedSubjects("alice")).containsExactly("price.*");
        }
        await().atMost(LIMIT).until(() -> inspector.connections().isEmpty());
        assertThat(inspector.subscribedSubjects("alice")).isEmpty();
    }

    @Test
    void connections_areAllOfThem_whenTheyFillSeveralPages() throws Exception {
        NatsInspector small = inspector.withPage(3);
        List<PlainClient> open = new ArrayList<>();
        try {
            for (int i = 0; i < 7; i++) {
                open.add(connect("many"));
            }
            assertThat(small.connectionCount("many")).isEqualTo(7);
            assertThat(small.connections()).extracting(NatsConnection::id).doesNotHaveDuplicates();
        } finally {
            open.forEach(PlainClient::close);
        }
    }

    @Test
    void ask_whenTheServerIsDown_saysSo_andAnswersAgainAfterRestart() {
        assertThat(inspector.ask("/varz").path("version").asText()).isEqualTo(broker.version());
        broker.stop();
        assertThatThrownBy(inspector::connections)
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("/connz");
        broker.start();
        assertThat(inspector.connections("anyone")).isEmpty();
    }

    private PlainClient connect(String name) throws Exception {
        return PlainClient.of(broker.nativeUrl(), options -> options.connectionName(name));
    }
}
