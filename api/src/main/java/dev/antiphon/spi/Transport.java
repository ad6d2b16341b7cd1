package dev.antiphon.spi;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One connection to one broker. Every method may be called from any thread, several at once; none blocks on the broker
 * except {@link #close}. Failures are {@link dev.antiphon.AntiphonException}s, wrapped once, with the native cause.
 *
 * <p>Order: {@code start} once and first; {@code close} last. What is called before the start or after the close fails
 * with NOT_CONNECTED or CLOSED.
 */
public interface Transport {

    /** What it can do. After the start, with the limits the broker told. */
    Capabilities capabilities();

    /**
     * Connects. The stage ends when the connection can be used, or fails after one round of attempts over all addresses:
     * NOT_CONNECTED naming them, or AUTHENTICATION. After a failed start nothing is left open.
     *
     * @param listener hears of everything that nobody called for, from now until CLOSED
     */
    CompletionStage<Void> start(TransportListener listener);

    /**
     * Makes one attempt to send. May throw instead of calling back. While disconnected it fails with NOT_CONNECTED at
     * once: nothing is buffered beyond the connection's life, since the engine decides what is still worth sending.
     */
    void publish(OutboundMessage message, SendCallback callback);

    /** Makes one attempt to send a reply to an address that came with a request. Like {@link #publish} otherwise. */
    void reply(ReplyAddress address, OutboundMessage message, SendCallback callback);

    /**
     * Subscribes. The stage ends when a message published from now on, over any other connection, will be delivered.
     * The subscription is restored after a reconnect.
     */
    CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler);

    /**
     * Opens a private address for replies. The stage ends when a reply sent there from now on will be delivered.
     *
     * @param token 128 random bits in 22 characters of {@code [0-9A-Za-z]}; makes the address unguessable
     */
    CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler);

    /** Ends when everything sent before has reached the broker, or fails with TIMEOUT after {@code limit}. */
    CompletionStage<Void> flush(Duration limit);

    /**
     * Closes everything within about {@code limit}; pending sends fail. Idempotent, never throws. No callback is made
     * after it returns, except the listener's CLOSED before.
     */
    void close(Duration limit);

    /** The native client's object of this type, if there is one. */
    <T> Optional<T> unwrap(Class<T> nativeType);
}
