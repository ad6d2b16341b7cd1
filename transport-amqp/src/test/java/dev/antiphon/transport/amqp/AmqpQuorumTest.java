package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.conformance.broker.RabbitConfig;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import java.util.Collections;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Quorum queues that have no leader. */
class AmqpQuorumTest {

    private static final Map<String, String> OPTIONS =
            Map.of("durable", "true", "queue-type", "quorum", "connect-timeout", "1s");

    /** It closes a connection with a consumer that got no answer after six seconds; by default after 65. */
    private static final RabbitConfig CONFIG = RabbitConfig.plain().withText("net_ticktime = 1");

    private static RabbitBroker broker;

    private final Links links = new Links();
    private final Recorder listener = new Recorder();
    private final Recorder recorder = new Recorder();
    private final String subject = "test." + UUID.randomUUID();
    private final String lost = subject + ".lost";
    private final String lostQueue = "group:antiphon:workers:" + lost;

    @BeforeAll
    static void open() {
        broker = RabbitBrokers.open(CONFIG);
    }

    @AfterAll
    static void closeBroker() {
        broker.close();
    }

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void queueWithoutLeader_whenTheConnectionWasLost_doesNotKeepTheOthersAway() {
        Transport responder = links.start(broker.address(), listener, OPTIONS);
        Links.echo(responder, subject + ".plain", null);
        Links.echo(responder, lost, "workers");
        Links.echo(responder, subject + ".grouped", "workers");
        broker.admin().loseLeader(lostQueue);
        broker.admin().closeConnections(links.name(), "please come again");
        Transport requester = links.start(broker.address(), new Recorder(), OPTIONS);
        ReplyChannel channel = Links.openChannel(requester, recorder);
        await().atMost(Links.LIMIT)
                .untilAsserted(() -> assertThat(listener.calls()).contains("RECONNECTING CONNECTION_LOST"));
        await().atMost(Links.LIMIT).untilAsserted(() -> {
            channel.request(Links.message(subject + ".plain", "one"), 1, Links.IGNORE);
            assertThat(recorder.calls()).contains("reply 1 one");
        });
        // While the new connection waits for the one that does not come.
        Links.echo(responder, subject + ".new", "workers");
        await().atMost(Links.LIMIT).untilAsserted(() -> {
            channel.request(Links.message(subject + ".grouped", "two"), 2, Links.IGNORE);
            channel.request(Links.message(subject + ".new", "three"), 3, Links.IGNORE);
            assertThat(recorder.calls()).contains("reply 2 two", "reply 3 three");
        });
        // That takes longer than the broker lets a consumer wait.
        await().atMost(Links.LIMIT)
                .untilAsserted(() -> assertThat(Collections.frequency(listener.calls(), "error UNAVAILABLE"))
                        .isGreaterThan(5));
        assertThat(listener.calls()).containsOnlyOnce("RECONNECTING CONNECTION_LOST");
        assertThat(Collections.frequency(listener.calls(), "CONNECTED")).isEqualTo(2);

        broker.admin().deleteQueue("/", lostQueue);

        await().atMost(Links.LIMIT).untilAsserted(() -> {
            channel.request(Links.message(lost, "four"), 4, Links.IGNORE);
            assertThat(recorder.calls()).contains("reply 4 four");
        });
    }

    @Test
    void subscribe_toAQueueWithoutLeader_failsSayingSoAndLeavesTheConnectionAlone() {
        Transport first = links.start(broker.address(), new Recorder(), OPTIONS);
        Links.echo(first, lost, "workers");
        first.close(Links.LIMIT);
        broker.admin().loseLeader(lostQueue);
        Transport transport = links.start(broker.address(), listener, OPTIONS);
        Links.echo(transport, subject, "workers");
        ReplyChannel channel = Links.openChannel(transport, recorder);

        for (int attempt = 1; attempt <= 6; attempt++) {
            AntiphonException failure =
                    Links.failureOf(transport.subscribe(new SubscribeSpec(lost, "workers", 10, false), message -> {}));
            assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(failure).hasMessageContainingAll(lostQueue, "leader", "delete");
            assertThat(failure.subject()).isEqualTo(lost);
        }

        channel.request(Links.message(subject, "hi"), 1, Links.IGNORE);
        await().untilAsserted(() -> assertThat(recorder.calls()).containsExactly("reply 1 hi"));
        assertThat(listener.calls()).containsExactly("CONNECTED");
        broker.admin().deleteQueue("/", lostQueue);
    }
}
