package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportListener;
import dev.antiphon.spi.TransportSubscription;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A transport that does nothing by itself. It has no threads; every confirmation, reply, failure and change of state
 * happens when the test, or one of the scripts the test set, says so, on the thread that says it.
 */
final class ScriptedTransport implements Transport {

    static final Capabilities CAPABILITIES = Capabilities.of(
            new Capabilities.Limits(1 << 20, 255),
            Capability.QUEUE_GROUP,
            Capability.WILDCARD,
            Capability.NO_RESPONDERS,
            Capability.AUTO_RECONNECT);

    /** The order of what it was told: start, channel, subscribe, stop, flush, channel closed, close. */
    final List<String> log = new CopyOnWriteArrayList<>();

    final BlockingQueue<SentRequest> requests = new LinkedBlockingQueue<>();
    final BlockingQueue<SentMessage> published = new LinkedBlockingQueue<>();
    final BlockingQueue<SentFrame> frames = new LinkedBlockingQueue<>();
    final List<ScriptedSubscription> subscriptions = new CopyOnWriteArrayList<>();

    volatile Capabilities capabilities = CAPABILITIES;
    volatile Supplier<CompletionStage<Void>> onStart = () -> CompletableFuture.completedFuture(null);
    volatile Supplier<CompletionStage<Void>> onFlush = () -> CompletableFuture.completedFuture(null);
    volatile Supplier<CompletionStage<Void>> onOpenChannel = () -> CompletableFuture.completedFuture(null);
    volatile Supplier<CompletionStage<Void>> onSubscribe = () -> CompletableFuture.completedFuture(null);
    volatile Runnable onClose = () -> {};
    /** What happens to a request; by default it is kept and confirmed. */
    volatile Consumer<SentRequest> onRequest = this::keepAndConfirm;
    /** What happens to a published message; by default it is kept and confirmed. */
    volatile Consumer<SentMessage> onPublish = this::keepAndConfirm;
    /** What happens to a reply, which the delivery has kept; by default it is confirmed. */
    volatile Consumer<SentMessage> onReply = SentMessage::confirm;

    /** What happens to a message with a way back, which is kept and confirmed. */
    volatile Consumer<SentFrame> onFrame = frame -> {};

    volatile @Nullable TransportListener listener;
    volatile @Nullable ReplyChannel channel;

    void keepAndConfirm(SentRequest sent) {
        requests.add(sent);
        sent.confirm();
    }

    void keepAndConfirm(SentMessage sent) {
        published.add(sent);
        sent.confirm();
    }

    /** Waits for the next request. */
    SentRequest nextRequest() {
        try {
            SentRequest sent = requests.poll(10, TimeUnit.SECONDS);
            if (sent == null) {
                throw new AssertionError("no request was sent");
            }
            return sent;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for the next message with a way back. */
    SentFrame nextFrame() {
        try {
            SentFrame sent = frames.poll(10, TimeUnit.SECONDS);
            if (sent == null) {
                throw new AssertionError("no frame was sent");
            }
            return sent;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    ScriptedSubscription lastSubscription() {
        return subscriptions.get(subscriptions.size() - 1);
    }

    void state(ConnectionState state) {
        listener().onState(state, null);
    }

    TransportListener listener() {
        TransportListener present = listener;
        if (present == null) {
            throw new AssertionError("not started");
        }
        return present;
    }

    /** The reply channel has a new address from now on. */
    void moveChannel() {
        ReplyChannel present = channel;
        if (present == null) {
            throw new AssertionError("no reply channel");
        }
        listener().onReplyChannelMoved(present);
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public CompletionStage<Void> start(TransportListener newListener) {
        log.add("start");
        listener = newListener;
        return onStart.get().thenRun(() -> newListener.onState(ConnectionState.CONNECTED, null));
    }

    @Override
    public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
        log.add("channel");
        ReplyChannel opened = new Channel(handler);
        channel = opened;
        return onOpenChannel.get().thenApply(ignored -> opened);
    }

    @Override
    public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
        log.add("subscribe " + spec.subject());
        ScriptedSubscription subscription = new ScriptedSubscription(spec, handler, log);
        subscriptions.add(subscription);
        return onSubscribe.get().thenApply(ignored -> subscription);
    }

    @Override
    public void publish(OutboundMessage message, SendCallback callback) {
        onPublish.accept(new SentMessage(message, callback));
    }

    @Override
    public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
        SentMessage reply = new SentMessage(message, callback);
        ((ScriptedDelivery) address).replies.add(reply);
        onReply.accept(reply);
    }

    @Override
    public CompletionStage<Void> flush(Duration limit) {
        log.add("flush");
        return onFlush.get();
    }

    @Override
    public void close(Duration limit) {
        log.add("close");
        onClose.run();
        TransportListener present = listener;
        if (present != null) {
            present.onState(ConnectionState.CLOSED, null);
        }
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return nativeType.isInstance(this) ? Optional.of(nativeType.cast(this)) : Optional.empty();
    }

    static AntiphonException failure(dev.antiphon.ErrorCode code) {
        return new AntiphonException(code, "scripted");
    }

    private final class Channel implements ReplyChannel {

        private final ReplyHandler handler;

        Channel(ReplyHandler handler) {
            this.handler = handler;
        }

        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            onRequest.accept(new SentRequest(handler, message, correlationId, callback));
        }

        @Override
        public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
            SentFrame frame = new SentFrame(handler, to, message, correlationId);
            frames.add(frame);
            onFrame.accept(frame);
            callback.onSent();
        }

        @Override
        public CompletionStage<Void> close() {
            log.add("channel closed");
            return CompletableFuture.completedFuture(null);
        }
    }
}
