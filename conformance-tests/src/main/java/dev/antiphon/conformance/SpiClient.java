package dev.antiphon.conformance;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.antiphon.Message;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A bare transport without the engine: the nearest thing to a native client where the broker has none. */
final class SpiClient implements RawClient {
    private static final Timing TIMING = Timing.standard();
    private static final String TOKEN = "conformanceRawClient00";

    private final Transport transport;

    private SpiClient(Transport transport) {
        this.transport = transport;
    }

    static SpiClient open(TransportProvider provider, String url, Map<String, String> options) {
        Transport transport = provider.create(Configs.of(provider, url, options, "conformance-raw"));
        Spi.await(transport.start(new Spi.Events()), TIMING);
        return new SpiClient(transport);
    }

    @Override
    public void publish(String subject, Message message) {
        Spi.Sent sent = new Spi.Sent();
        transport.publish(new OutboundMessage(subject, message, 0), sent);
        flush(sent);
    }

    @Override
    public void subscribe(String subject, @Nullable String group, Consumer<RawMessage> receiver) {
        SubscribeSpec spec = new SubscribeSpec(subject, group, 1000, true);
        Spi.await(transport.subscribe(spec, inbound -> receiver.accept(new Received(inbound))), TIMING);
    }

    @Override
    public Optional<Message> request(String subject, Message message, Duration limit) {
        FirstReply reply = new FirstReply();
        var channel = Spi.await(transport.openReplyChannel(TOKEN, reply), TIMING);
        channel.request(new OutboundMessage(subject, message, limit.toNanos()), 1, new Spi.Sent());
        try {
            return Spi.await(reply.completeOnTimeout(Optional.empty(), limit.toMillis(), MILLISECONDS), TIMING);
        } finally {
            channel.close();
        }
    }

    @Override
    public void close() {
        transport.close(TIMING.signal());
    }

    private void flush(Spi.Sent sent) {
        Spi.await(sent, TIMING);
        Spi.await(transport.flush(TIMING.signal()), TIMING);
    }

    private static final class FirstReply extends CompletableFuture<Optional<Message>> implements ReplyHandler {
        @Override
        public void onReply(long correlationId, Message reply) {
            complete(Optional.of(reply));
        }

        @Override
        public void onNoResponders(long correlationId) {
            complete(Optional.empty());
        }

        @Override
        public void onUnreadable(String correlation, Message reply) {
            completeExceptionally(new AssertionError("unreadable correlation " + correlation));
        }
    }

    private final class Received implements RawMessage {
        private final InboundMessage inbound;

        Received(InboundMessage inbound) {
            this.inbound = inbound;
        }

        @Override
        public String subject() {
            return inbound.subject();
        }

        @Override
        public Message message() {
            return inbound.message();
        }

        @Override
        public boolean asksForReply() {
            return inbound.replyAddress() != null;
        }

        @Override
        public Optional<String> replySubject() {
            return Optional.empty();
        }

        @Override
        public void reply(Message reply) {
            ReplyAddress address = inbound.replyAddress();
            if (address == null) {
                throw new IllegalStateException("no reply is asked for");
            }
            Spi.Sent sent = new Spi.Sent();
            transport.reply(address, new OutboundMessage(inbound.subject(), reply, 0), sent);
            flush(sent);
        }
    }
}
