package dev.antiphon.transport.inmemory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.ConfigurationException;
import dev.antiphon.Message;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportConfig.Address;
import dev.antiphon.spi.TransportProvider;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InMemoryTransportTest {

    private final Fixture fixture = new Fixture();
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void publish_beforeTheStart_failsNotConnected() {
        fixture.create(Map.of()).publish(Fixture.message("s", "x"), recorder);
        assertThat(recorder.calls()).containsExactly("failed NOT_CONNECTED");
    }

    @Test
    void publish_afterTheClose_failsClosedAndSurelyNotSent() {
        Transport transport = fixture.start();
        transport.close(Fixture.LIMIT);
        transport.publish(Fixture.message("s", "x"), recorder);
        assertThat(recorder.calls()).containsExactly("failed CLOSED");
    }

    @Test
    void everything_afterTheClose_failsClosed() {
        Transport transport = fixture.start();
        transport.close(Fixture.LIMIT);
        assertThat(List.of(
                        transport.subscribe(new SubscribeSpec("s", null, 1, false), m -> {}),
                        transport.openReplyChannel("t", recorder),
                        transport.start(recorder),
                        transport.flush(Fixture.LIMIT)))
                .allSatisfy(stage -> assertThatThrownBy(
                                () -> stage.toCompletableFuture().join())
                        .hasMessageContaining("CLOSED"));
    }

    @Test
    void reply_withAWayBack_canBeAnswered() {
        Transport requester = fixture.start();
        Transport responder = fixture.start();
        Recorder replies = new Recorder();
        Recorder answers = new Recorder();
        ReplyChannel asking = Fixture.openChannel(requester, replies);
        ReplyChannel answering = Fixture.openChannel(responder, answers);
        Fixture.subscribe(
                responder,
                "s",
                null,
                request -> answering.reply(request.replyAddress(), Fixture.message("s", "hear me"), 8, Fixture.IGNORE));

        asking.request(Fixture.message("s", "?"), 7, Fixture.IGNORE);
        assertThat(replies.calls()).containsExactly("reply 7 hear me");
        asking.reply(replies.waysBack().get(0), Fixture.message("s", "I do"), 7, Fixture.IGNORE);
        requester.reply(replies.waysBack().get(0), Fixture.message("s", "goodbye"), Fixture.IGNORE);

        assertThat(answers.calls()).containsExactly("reply 8 I do", "reply 8 goodbye");
        assertThat(answers.waysBack()).hasSize(1);
        Fixture.await(answering.close());
        asking.reply(replies.waysBack().get(0), Fixture.message("s", "still there?"), 7, Fixture.IGNORE);
        assertThat(replies.calls()).last().isEqualTo("no responders 7");
    }

    @Test
    void publish_ofALargerBody_failsTooLargeAndTheTransportGoesOn() {
        Transport transport = fixture.create(Map.of("max-body", "10"));
        Fixture.await(transport.start(new Recorder()));
        assertThat(transport.capabilities().limits().maxBodyBytes()).isEqualTo(10);
        transport.publish(new OutboundMessage("s", Message.wrap(new byte[11]), 0), recorder);
        transport.publish(new OutboundMessage("s", Message.wrap(new byte[10]), 0), recorder);
        assertThat(recorder.calls()).containsExactly("failed TOO_LARGE", "sent");
    }

    @Test
    void listener_hearsConnectedFirstAndClosedLastOnce() {
        Recorder listener = new Recorder();
        Transport transport = fixture.start(listener);
        transport.close(Fixture.LIMIT);
        transport.close(Fixture.LIMIT);
        assertThat(listener.calls()).containsExactly("CONNECTED", "CLOSED");
    }

    @Test
    void broker_isGoneWhenItsLastTransportCloses() {
        int before = InMemoryBroker.brokers();
        Transport first = fixture.start();
        Transport second = fixture.start();
        assertThat(InMemoryBroker.brokers()).isEqualTo(before + 1);
        first.close(Fixture.LIMIT);
        assertThat(InMemoryBroker.brokers()).isEqualTo(before + 1);
        second.close(Fixture.LIMIT);
        assertThat(InMemoryBroker.brokers()).isEqualTo(before);
    }

    @Test
    void create_withAUrlThatMakesNoSense_namesEveryProblem() {
        TransportConfig config = new TransportConfig(
                "inmemory", List.of(new Address("a", 1), new Address("b", -1)), "x", "u", "p", "test", Map.of());
        assertThatThrownBy(() -> new InMemoryTransportProvider().create(config))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems()).hasSize(4))
                .hasMessageNotContaining("u:p");
    }

    @Test
    void provider_isFoundByServiceLoader() {
        assertThat(ServiceLoader.load(TransportProvider.class))
                .hasAtLeastOneElementOfType(InMemoryTransportProvider.class);
    }
}
