package dev.antiphon.transport.inmemory;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.Capabilities;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one messenger to a broker in memory.
 *
 * <p>A send calls the handlers of its receivers on the sending thread, and a reply the requester's handler on the
 * replying thread: no queue, no lock, no thread of our own. The engine's handlers only hand over, which is the hop that
 * a real broker's client would make. Handlers that run user code get a thread each, so that user code never runs within
 * somebody else's publish.
 */
final class InMemoryTransport implements Transport {

    /** A caller of close() may itself be inside a hand-over, which then never ends before it: do not wait for ever. */
    private static final Duration LONGEST_HAND_OVER = Duration.ofSeconds(1);

    private enum State {
        NEW,
        OPEN,
        CLOSED
    }

    private final String brokerName;
    private final Capabilities capabilities;
    private final Events events = new Events();
    private final Set<InMemorySubscription> subscriptions = ConcurrentHashMap.newKeySet();
    private final Set<InMemoryReplyChannel> channels = ConcurrentHashMap.newKeySet();
    private final Object changing = new Object();
    private @Nullable InMemoryBroker acquired;
    private volatile State state = State.NEW;

    InMemoryTransport(String brokerName, Capabilities capabilities) {
        this.brokerName = brokerName;
        this.capabilities = capabilities;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public CompletionStage<Void> start(TransportListener listener) {
        synchronized (changing) {
            if (state == State.CLOSED) {
                return CompletableFuture.failedFuture(closed("the transport is closed", null));
            }
            if (state == State.OPEN) {
                return CompletableFuture.failedFuture(
                        new AntiphonException(ErrorCode.INVALID_ARGUMENT, "a transport is started once"));
            }
            acquired = InMemoryBroker.acquire(brokerName);
            state = State.OPEN;
            events.open(listener);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void publish(OutboundMessage message, SendCallback callback) {
        if (!refuses(message, callback)) {
            broker().deliver(new InMemoryDelivery(message.subject(), message.message()));
            callback.onSent();
        }
    }

    @Override
    public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
        if (refuses(message, callback)) {
            return;
        }
        if (address instanceof InMemoryDelivery request) {
            request.reply(message.message(), null);
            callback.onSent();
        } else {
            callback.onFailed(foreign(address));
        }
    }

    static AntiphonException foreign(ReplyAddress address) {
        return new AntiphonException(
                ErrorCode.INVALID_ARGUMENT, "the reply address is of another transport: " + address);
    }

    @Override
    public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
        synchronized (changing) {
            AntiphonException notOpen = notOpen(spec.subject());
            if (notOpen != null) {
                return CompletableFuture.failedFuture(notOpen);
            }
            InMemorySubscription subscription = new InMemorySubscription(this, broker(), spec, handler);
            subscriptions.add(subscription);
            subscription.start();
            return CompletableFuture.completedFuture(subscription);
        }
    }

    @Override
    public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
        synchronized (changing) {
            AntiphonException notOpen = notOpen(null);
            if (notOpen != null) {
                return CompletableFuture.failedFuture(notOpen);
            }
            InMemoryReplyChannel channel = new InMemoryReplyChannel(this, broker(), token, handler);
            channels.add(channel);
            return CompletableFuture.completedFuture(channel);
        }
    }

    @Override
    public CompletionStage<Void> flush(Duration limit) {
        AntiphonException notOpen = notOpen(null);
        return notOpen == null ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(notOpen);
    }

    @Override
    public void close(Duration limit) {
        synchronized (changing) {
            State before = state;
            state = State.CLOSED;
            if (before != State.OPEN) {
                return;
            }
        }
        long deadline = System.nanoTime() + limit.toNanos();
        channels.forEach(InMemoryReplyChannel::markClosed);
        Set<InMemorySubscription> left = Set.copyOf(subscriptions);
        left.forEach(InMemorySubscription::stop);
        awaitHandOvers(limit);
        left.forEach(subscription -> subscription.abandon(Duration.ofNanos(deadline - System.nanoTime())));
        channels.clear();
        broker().release();
        events.close();
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return Optional.empty();
    }

    Events events() {
        return events;
    }

    void forget(InMemorySubscription subscription) {
        subscriptions.remove(subscription);
    }

    void forget(InMemoryReplyChannel channel) {
        channels.remove(channel);
    }

    /** Whether a message can not be sent; then the callback was told why. */
    boolean refuses(OutboundMessage message, SendCallback callback) {
        AntiphonException failure = state == State.OPEN ? tooLarge(message) : notOpen(message.subject());
        if (failure != null) {
            callback.onFailed(failure);
        }
        return failure != null;
    }

    private @Nullable AntiphonException tooLarge(OutboundMessage message) {
        long limit = capabilities.limits().maxBodyBytes();
        if (message.message().size() <= limit) {
            return null;
        }
        return new AntiphonException(
                        ErrorCode.TOO_LARGE,
                        "a body of " + message.message().size() + " bytes is larger than " + limit
                                + " bytes; raise the option " + InMemoryTransportProvider.MAX_BODY
                                + " or send less at once")
                .about(message.subject(), null);
    }

    private @Nullable AntiphonException notOpen(@Nullable String subject) {
        return switch (state) {
            case OPEN -> null;
            case NEW ->
                new AntiphonException(
                        ErrorCode.NOT_CONNECTED, "the transport is not started", null, false, subject, null);
            case CLOSED -> closed("the transport is closed", subject);
        };
    }

    /** CLOSED, for something that was not sent. */
    static AntiphonException closed(String what, @Nullable String subject) {
        return new AntiphonException(ErrorCode.CLOSED, what, null, false, subject, null);
    }

    private InMemoryBroker broker() {
        return Objects.requireNonNull(acquired);
    }

    private void awaitHandOvers(Duration limit) {
        Duration longest = limit.compareTo(LONGEST_HAND_OVER) < 0 ? limit : LONGEST_HAND_OVER;
        try {
            broker().quiesce().get(longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException late) {
            // a handler is slow, or it is the one that closes: nothing more to wait for
        }
    }
}
