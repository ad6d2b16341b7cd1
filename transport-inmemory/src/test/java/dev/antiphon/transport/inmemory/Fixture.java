package dev.antiphon.transport.inmemory;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportSubscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Transports of one broker with a name of its own; closes them at the end. */
final class Fixture implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(10);

    static final SendCallback IGNORE = new SendCallback() {
        @Override
        public void onSent() {}

        @Override
        public void onFailed(AntiphonException failure) {}
    };

    static final ReplyHandler IGNORE_REPLIES = new ReplyHandler() {
        @Override
        public void onReply(long correlationId, Message reply) {}

        @Override
        public void onNoResponders(long correlationId) {}

        @Override
        public void onUnreadable(String correlation, Message reply) {}
    };

    private final String name = UUID.randomUUID().toString();
    private final List<Transport> transports = new ArrayList<>();

    Transport create(Map<String, String> options) {
        TransportConfig config = new TransportConfig(
                "inmemory", List.of(new TransportConfig.Address(name, -1)), "", null, null, "test", options);
        Transport transport = new InMemoryTransportProvider().create(config);
        transports.add(transport);
        return transport;
    }

    Transport start(Recorder listener) {
        Transport transport = create(Map.of());
        await(transport.start(listener));
        return transport;
    }

    Transport start() {
        return start(new Recorder());
    }

    static TransportSubscription subscribe(
            Transport transport, String subject, @Nullable String group, InboundHandler handler) {
        return await(transport.subscribe(new SubscribeSpec(subject, group, 1, false), handler));
    }

    static TransportSubscription subscribeUserCode(Transport transport, String subject, InboundHandler handler) {
        return await(transport.subscribe(new SubscribeSpec(subject, null, 1, true), handler));
    }

    static ReplyChannel openChannel(Transport transport, ReplyHandler replies) {
        return await(transport.openReplyChannel("0123456789012345678901", replies));
    }

    static OutboundMessage message(String subject, String body) {
        return new OutboundMessage(subject, Message.of(body), 0);
    }

    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        transports.forEach(transport -> transport.close(LIMIT));
    }
}
