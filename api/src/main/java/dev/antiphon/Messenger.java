package dev.antiphon;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * Publishes, subscribes, requests and responds over one connection to a broker. Thread-safe; make one and share it.
 *
 * <p><b>Subjects</b> are tokens separated by dots, such as {@code orders.eu.created}. Where a pattern is allowed,
 * {@code *} stands for exactly one token and {@code >}, at the end, for one or more; every other character is literal.
 *
 * <p><b>Errors.</b> Wrong arguments throw {@link AntiphonException} with INVALID_ARGUMENT at once. Everything else that
 * can go wrong with a request or a publication ends its call or future.
 *
 * <p><b>Threads.</b> Handlers and dependent stages never run on a thread of the broker's client, unless that was asked
 * for, so they may block.
 */
public interface Messenger extends AutoCloseable {

    /**
     * Connects to the broker that the configuration names: the system property {@code antiphon.url}, else the
     * environment variable {@code ANTIPHON_URL}, else {@code url} in {@code antiphon.properties} on the class path, else
     * the in-memory transport if it is the only one present.
     *
     * @throws AntiphonException as {@link MessengerBuilder#connect()}
     */
    static Messenger connect() {
        return builder().connect();
    }

    /**
     * Connects to {@code url}, such as {@code nats://localhost:4222} or {@code inmemory://name}.
     *
     * @throws AntiphonException as {@link MessengerBuilder#connect()}
     */
    static Messenger connect(String url) {
        return builder().url(url).connect();
    }

    /** A builder, for everything a URL can not say. */
    static MessengerBuilder builder() {
        return new MessengerBuilder();
    }

    /** Sends a request with {@link RequestOptions#DEFAULTS}. */
    default Call request(String subject, Message message) {
        return request(subject, message, RequestOptions.DEFAULTS);
    }

    /**
     * Sends a request. Never blocks, except at the limit of requests in flight when the policy there is to wait.
     *
     * @param subject where to; no wildcards
     * @return the call, which ends within its timeout
     * @throws AntiphonException INVALID_ARGUMENT for a bad subject or header, CLOSED after close or during a drain
     */
    Call request(String subject, Message message, RequestOptions options);

    /** Gathers the replies of all responders of one subject: {@link #gather(Collection, Message, GatherOptions)}. */
    default CompletableFuture<GatherResult> gather(String subject, Message message, GatherOptions options) {
        return gather(List.of(subject), message, options);
    }

    /**
     * Sends a request to each of these subjects and gathers the replies of all their responders, until the options say
     * that it is enough. One that fails does not spoil it, and several replies of one responder count as one.
     *
     * @return ends with what came and why no more was waited for; it does not fail. Cancelling it ends the gathering.
     * @throws AntiphonException as for {@link #request(String, Message, RequestOptions)}
     */
    CompletableFuture<GatherResult> gather(Collection<String> subjects, Message message, GatherOptions options);

    /**
     * Asks for a stream of replies. Each subscriber of the returned publisher makes a request of its own, when it
     * subscribes; its items come from one responder, in order, each once, and none is missing: else the stream ends with an
     * {@link AntiphonException}. The responder sends no more items than {@link StreamOptions#withWindow} allows before the
     * subscriber has consumed some. Cancelling the subscription reaches the responder. A responder that answers with a
     * plain reply gives a stream of one item.
     *
     * @throws AntiphonException as for {@link #request(String, Message, RequestOptions)}
     */
    Flow.Publisher<Message> stream(String subject, Message message, StreamOptions options);

    /**
     * Sends copies of a request to these subjects, which may all be the same; the first good reply is the reply, and those
     * who still work on a copy are told to stop. If all fail, the call fails as the first one did.
     *
     * @throws AntiphonException as for {@link #request(String, Message, RequestOptions)}
     */
    Call race(List<String> subjects, Message message, RaceOptions options);

    /**
     * Sends a message to a responder and waits for a confirmation only: the reply of the call is empty.
     *
     * @throws AntiphonException as for {@link #request(String, Message, RequestOptions)}; UNSUPPORTED for {@link
     *     SendOptions.Confirmation#ROUTED} where the transport can not tell
     */
    Call send(String subject, Message message, SendOptions options);

    /** Answers requests with {@link RespondOptions#DEFAULTS}. */
    default Subscription respond(String subject, RequestHandler handler) {
        return respond(subject, handler, RespondOptions.DEFAULTS);
    }

    /**
     * Answers the requests to a subject or pattern. When it returns, a request sent from now on, from anywhere, arrives.
     *
     * @throws AntiphonException INVALID_ARGUMENT for a bad pattern, UNSUPPORTED if the transport can not do it,
     *     NOT_CONNECTED or TIMEOUT if the broker does not confirm
     */
    Subscription respond(String subject, RequestHandler handler, RespondOptions options);

    /** Answers requests asynchronously with {@link RespondOptions#DEFAULTS}. */
    default Subscription respondAsync(String subject, AsyncRequestHandler handler) {
        return respondAsync(subject, handler, RespondOptions.DEFAULTS);
    }

    /** Like {@link #respond(String, RequestHandler, RespondOptions)} with a handler that answers later. */
    Subscription respondAsync(String subject, AsyncRequestHandler handler, RespondOptions options);

    /**
     * Like {@link #respond(String, RequestHandler, RespondOptions)} with a handler that answers with a stream, to those who
     * ask for one with {@link #stream}. Others get an error reply.
     */
    Subscription respondStream(String subject, StreamHandler handler, RespondOptions options);

    /**
     * Publishes a message to everyone who subscribed.
     *
     * @return a future that ends when the message is as safe as the transport can say (see its documentation)
     * @throws AntiphonException INVALID_ARGUMENT for a bad subject or header, CLOSED after close
     */
    CompletableFuture<Void> publish(String subject, Message message);

    /** Subscribes with {@link SubscribeOptions#DEFAULTS}. */
    default Subscription subscribe(String subject, MessageHandler handler) {
        return subscribe(subject, handler, SubscribeOptions.DEFAULTS);
    }

    /**
     * Receives what is published to a subject or pattern. When it returns, a message published from now on, from
     * anywhere, arrives.
     *
     * @throws AntiphonException as {@link #respond(String, RequestHandler, RespondOptions)}
     */
    Subscription subscribe(String subject, MessageHandler handler, SubscribeOptions options);

    /**
     * Leaves without losing anything, in this order: no new requests are accepted and no messages taken; handlers finish
     * and their replies leave; requests of ours get their replies; everything is flushed; the connection is closed.
     * Running handlers may still make requests. Draining twice returns the same future. Never waits for the calling
     * thread, so it may be called within a handler.
     *
     * @param limit how long it may take; what is not finished then is abandoned, and reported
     */
    CompletableFuture<DrainReport> drain(Duration limit);

    /** What happened so far and what is in flight. */
    MessengerStats stats();

    /** The state of the connection. */
    ConnectionState state();

    /** The broker client's own connection, such as {@code io.nats.client.Connection}, if it is of this type. */
    <T> Optional<T> unwrap(Class<T> nativeType);

    /** Closes at once. Every pending call has failed with CLOSED when this returns. Idempotent, never throws. */
    @Override
    void close();
}
