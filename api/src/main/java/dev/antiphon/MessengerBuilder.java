package dev.antiphon;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sets up a {@link Messenger}. What is set here wins over the same option in the URL. Not thread-safe; may be used for
 * several messengers.
 */
public final class MessengerBuilder {

    private @Nullable String url;
    private final Map<String, String> options = new LinkedHashMap<>();
    private @Nullable String name;
    private @Nullable Duration requestTimeout;
    private @Nullable Integer maxInFlight;
    private @Nullable OverloadPolicy onInFlightLimit;
    private @Nullable DisconnectPolicy onDisconnect;
    private @Nullable Duration waitForBroker;
    private @Nullable Executor handlerExecutor;
    private @Nullable Executor completionExecutor;
    private boolean completeOnTransportThread;
    private MessengerListener listener = new MessengerListener() {};
    private final List<RequestInterceptor> requestInterceptors = new ArrayList<>();
    private final List<ResponderInterceptor> responderInterceptors = new ArrayList<>();

    MessengerBuilder() {}

    /** Where to connect: {@code nats://host:4222}, {@code inmemory://name}, with options in the query. */
    public MessengerBuilder url(String newUrl) {
        url = Objects.requireNonNull(newUrl, "url");
        return this;
    }

    /** Sets one option by name, as it could stand in the URL's query. The place for secrets. */
    public MessengerBuilder option(String option, String value) {
        options.put(Objects.requireNonNull(option, "option"), Objects.requireNonNull(value, "value"));
        return this;
    }

    /** The name of the connection, shown by the broker's tools. Default: {@code antiphon}. */
    public MessengerBuilder name(String newName) {
        name = Objects.requireNonNull(newName, "name");
        return this;
    }

    /** The timeout of requests that set none. Default: {@link MessengerOptions#DEFAULT_TIMEOUT}. */
    public MessengerBuilder requestTimeout(Duration timeout) {
        requestTimeout = MessengerOptions.checkTimeout("request timeout", timeout);
        return this;
    }

    /** How many requests may be in flight at once, up to {@link MessengerOptions#HIGHEST_MAX_IN_FLIGHT}. */
    public MessengerBuilder maxInFlight(int limit) {
        if (MessengerOptions.checkPositive("max in flight", limit) > MessengerOptions.HIGHEST_MAX_IN_FLIGHT) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT,
                    "max in flight must be at most " + MessengerOptions.HIGHEST_MAX_IN_FLIGHT + ", not " + limit);
        }
        maxInFlight = limit;
        return this;
    }

    /** What a request does when the limit of requests in flight is reached. Default: {@code WAIT}. */
    public MessengerBuilder onInFlightLimit(OverloadPolicy policy) {
        onInFlightLimit = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /** What happens to requests on connection loss. Default: as the transport's reply addresses allow. */
    public MessengerBuilder onDisconnect(DisconnectPolicy policy) {
        onDisconnect = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /** How long {@link #connect()} goes on trying when the broker can not be reached. Default: zero, one attempt. */
    public MessengerBuilder waitForBroker(Duration timeout) {
        if (timeout.isNegative()) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT, "the time to wait for the broker must not be negative: " + timeout);
        }
        waitForBroker = timeout;
        return this;
    }

    /**
     * Runs handlers. It is not closed with the messenger. Default: virtual threads where the JVM has them, else a pool
     * of at most 512 threads.
     */
    public MessengerBuilder handlerExecutor(Executor executor) {
        handlerExecutor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /** Runs what depends on calls. It is not closed with the messenger. Default: a pool of the messenger's own. */
    public MessengerBuilder completionExecutor(Executor executor) {
        completionExecutor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /**
     * Runs what depends on calls on the transport's thread: the lowest latency, for stages that never block. One that
     * blocks delays every reply behind it.
     */
    public MessengerBuilder completeOnTransportThread() {
        completeOnTransportThread = true;
        return this;
    }

    /** The hooks. */
    public MessengerBuilder listener(MessengerListener newListener) {
        listener = Objects.requireNonNull(newListener, "listener");
        return this;
    }

    /** Adds an interceptor around requests, inside of those added before. */
    public MessengerBuilder requestInterceptor(RequestInterceptor interceptor) {
        requestInterceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
        return this;
    }

    /** Adds an interceptor around handlers, inside of those added before. */
    public MessengerBuilder responderInterceptor(ResponderInterceptor interceptor) {
        responderInterceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
        return this;
    }

    /**
     * Connects.
     *
     * @throws ConfigurationException when the configuration is wrong; nothing was opened
     * @throws AntiphonException NOT_CONNECTED, with the address, when the broker can not be reached; AUTHENTICATION when
     *     it refuses the credentials
     */
    public Messenger connect() {
        return MessengerFactory.installed()
                .connect(new MessengerOptions(
                        url,
                        options,
                        name,
                        requestTimeout,
                        maxInFlight,
                        onInFlightLimit,
                        onDisconnect,
                        waitForBroker,
                        handlerExecutor,
                        completionExecutor,
                        completeOnTransportThread,
                        listener,
                        requestInterceptors,
                        responderInterceptors));
    }
}
