package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.conformance.broker.RabbitState;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.InboundMessage.Settlement;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AmqpStopTest {

    private final RabbitBroker broker = RabbitBrokers.shared();
    private final Links links = new Links();
    private final Recorder recorder = new Recorder();
    private final String subject = "test." + UUID.randomUUID();
    private final List<InboundMessage> received = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void close_leavesNothingAtTheBrokerAndNoThread() {
        for (String reply : List.of("direct", "exclusive-queue")) {
            Transport transport = links.start(broker.address(), recorder, Map.of("reply", reply));
            Links.openChannel(transport, recorder);
            Links.echo(transport, subject, null);
            Links.echo(transport, subject + ".>", "workers");
            transport.publish(Links.message(subject, "x"), recorder);
            transport.close(Links.LIMIT);
        }
        await().untilAsserted(() -> assertNothingLeft(broker.inspector().state()));
        await().untilAsserted(() -> assertThat(links.threads()).isEmpty());
        assertThat(recorder.calls()).endsWith("CLOSED");
    }

    @Test
    void stop_keepsTheChannelUntilEverythingIsSettled() {
        Transport transport = links.start(broker);
        TransportSubscription subscription =
                Links.await(transport.subscribe(new SubscribeSpec(subject, "workers", 10, false), received::add));
        transport.publish(Links.message(subject, "1"), recorder);
        transport.publish(Links.message(subject, "2"), recorder);
        await().untilAsserted(() -> assertThat(received).hasSize(2));
        Links.await(subscription.stop());
        assertThat(broker.inspector().state().channels(links.name()))
                .extracting(RabbitState.Channel::unacknowledged)
                .contains(2);
        received.forEach(
                message -> assertThat(message.settle(Settlement.ACCEPT)).isTrue());
        assertThat(received.get(0).settle(Settlement.REQUEUE)).isFalse();
        await().untilAsserted(() ->
                assertThat(broker.inspector().state().channels(links.name())).hasSize(1));
    }

    @Test
    void prefetch_holdsTheBrokerBack() {
        Transport transport = links.start(broker);
        Links.await(transport.subscribe(new SubscribeSpec(subject, null, 3, false), received::add));
        for (int i = 0; i < 10; i++) {
            transport.publish(Links.message(subject, "x"), recorder);
        }
        Links.flush(transport);
        for (int settled = 0; settled < 10; settled++) {
            int expected = Math.min(10, settled + 3);
            await().untilAsserted(() -> assertThat(received).hasSize(expected));
            received.get(settled).settle(Settlement.ACCEPT);
        }
    }

    @Test
    void requestThatIsGivenBack_goesToAnotherMember() {
        Transport transport = links.start(broker);
        Links.await(transport.subscribe(
                new SubscribeSpec(subject, "workers", 10, false), message -> message.settle(Settlement.REQUEUE)));
        Links.await(transport.subscribe(new SubscribeSpec(subject, "workers", 10, false), message -> {
            received.add(message);
            message.settle(Settlement.ACCEPT);
        }));
        for (int i = 0; i < 10; i++) {
            transport.publish(Links.message(subject, "x"), recorder);
        }
        await().untilAsserted(() -> assertThat(received).hasSize(10));
    }

    @Test
    void process_thatIsKilled_leavesNothing() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Victim.class.getName(),
                        broker.url(),
                        links.name(),
                        subject)
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.lines().anyMatch("ready"::equals)).isTrue();
            assertThat(broker.inspector().state().consumers(links.name())).hasSize(3);
        } finally {
            child.destroyForcibly();
        }
        await().atMost(Links.LIMIT)
                .untilAsserted(() -> assertNothingLeft(broker.inspector().state()));
    }

    private void assertNothingLeft(RabbitState state) {
        assertThat(state.connections(links.name())).isEmpty();
        assertThat(state.queues()).noneMatch(queue -> queue.name().contains(subject));
        assertThat(state.bindings()).noneMatch(binding -> binding.key().contains(subject));
        assertThat(state.queues()).noneMatch(queue -> queue.name().startsWith("antiphon.reply."));
    }

    /** A program that is killed while it serves. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] args) throws InterruptedException {
            Messenger messenger = Messenger.builder().url(args[0]).name(args[1]).connect();
            messenger.respond(args[2], request -> Message.empty());
            messenger.respond(args[2] + ".>", request -> Message.empty(), RespondOptions.queueGroup("workers"));
            System.out.println("ready");
            Thread.currentThread().join();
        }
    }
}
