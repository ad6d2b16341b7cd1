package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Two transports without the engine, one of which asks; the other answers with a way back. Any thread. */
final class WayBack {
    static final long RESPONDERS_ID = -8;

    private record Arrived(
            long id, Message message, @Nullable ReplyAddress from) {}

    private static final class Arrivals implements ReplyHandler {
        private final BlockingQueue<Arrived> queue = new LinkedBlockingQueue<>();

        @Override
        public void onReply(long correlationId, Message reply) {
            onReply(correlationId, reply, null);
        }

        @Override
        public void onReply(long correlationId, Message reply, @Nullable ReplyAddress from) {
            queue.add(new Arrived(correlationId, reply, from));
        }

        @Override
        public void onNoResponders(long correlationId) {}

        @Override
        public void onUnreadable(String correlation, Message reply) {}
    }

    private final Timing timing;
    private final String subject;
    private final Arrivals atRequester = new Arrivals();
    private final Arrivals atResponder = new Arrivals();
    private final ReplyChannel asking;
    private @Nullable ReplyAddress wayBack;

    private WayBack(Transport requester, Transport responder, String subject, Timing timing) {
        this.timing = timing;
        this.subject = subject;
        asking = Spi.await(requester.openReplyChannel("0123456789ABCDEFGHIJKa", atRequester), timing);
        ReplyChannel answering = Spi.await(responder.openReplyChannel("0123456789ABCDEFGHIJKb", atResponder), timing);
        Spi.await(
                responder.subscribe(
                        new SubscribeSpec(subject, null, 1, false),
                        request -> answering.reply(
                                Objects.requireNonNull(request.replyAddress()),
                                new OutboundMessage(subject, Message.of("hear me"), 0),
                                RESPONDERS_ID,
                                new Spi.Sent())),
                timing);
    }

    static WayBack open(Transport requester, Transport responder, String subject, Timing timing) {
        return new WayBack(requester, responder, subject, timing);
    }

    void ask(long id) {
        Spi.Sent sent = new Spi.Sent();
        asking.request(new OutboundMessage(subject, Message.of("?"), 0), id, sent);
        Spi.await(sent, timing);
    }

    void awaitAnswer(String text, long id) {
        Arrived arrived = next(atRequester);
        assertThat(arrived.message().text()).isEqualTo(text);
        assertThat(arrived.id()).as("the id of the request").isEqualTo(id);
        assertThat(arrived.from()).as("the way back").isNotNull();
        wayBack = arrived.from();
    }

    void answer(String text) {
        Spi.Sent sent = new Spi.Sent();
        asking.reply(Objects.requireNonNull(wayBack), new OutboundMessage(subject, Message.of(text), 0), 7, sent);
        Spi.await(sent, timing);
    }

    void awaitAtResponder(String text, long id) {
        Arrived arrived = next(atResponder);
        assertThat(arrived.message().text()).isEqualTo(text);
        assertThat(arrived.id()).as("the id on the way back").isEqualTo(id);
    }

    private Arrived next(Arrivals of) {
        try {
            Arrived arrived = of.queue.poll(timing.signal().toMillis(), TimeUnit.MILLISECONDS);
            if (arrived == null) {
                throw new AssertionError("nothing arrived within " + timing.signal());
            }
            return arrived;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
