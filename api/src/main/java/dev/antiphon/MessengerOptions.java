package dev.antiphon;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The settings a {@link MessengerBuilder} hands to the engine. A null component was not set in the program; the URL's
 * options and then the defaults apply.
 *
 * @param url where to connect, or null to look in the places that {@link Messenger#connect()} names
 * @param options options by name, as they could stand in the URL's query
 * @param name the name of the connection, shown by the broker's tools
 * @param requestTimeout the default timeout of requests
 * @param maxInFlight how many requests may be in flight at once
 * @param onInFlightLimit what a request does beyond that
 * @param onDisconnect the default policy on connection loss
 * @param waitForBroker how long to go on trying when the broker is not up at the start; zero for one attempt
 * @param handlerExecutor runs handlers, or null for the built-in one
 * @param completionExecutor runs what depends on calls, or null for the built-in one
 * @param completeOnTransportThread whether calls complete on the transport's thread
 * @param listener the hooks
 * @param requestInterceptors around requests, in order
 * @param responderInterceptors around handlers, in order
 */
public record MessengerOptions(
        @Nullable String url,
        Map<String, String> options,
        @Nullable String name,
        @Nullable Duration requestTimeout,
        @Nullable Integer maxInFlight,
        @Nullable OverloadPolicy onInFlightLimit,
        @Nullable DisconnectPolicy onDisconnect,
        @Nullable Duration waitForBroker,
        @Nullable Executor handlerExecutor,
        @Nullable Executor completionExecutor,
        boolean completeOnTransportThread,
        MessengerListener listener,
        List<RequestInterceptor> requestInterceptors,
        List<ResponderInterceptor> responderInterceptors) {

    /** The longest timeout of a request: 24 hours. Longer work is not for an open request. */
    public static final Duration MAX_TIMEOUT = Duration.ofHours(24);

    /** The timeout of a request when nothing else is said: 5 seconds. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /** How many requests may be in flight when nothing else is said. */
    public static final int DEFAULT_MAX_IN_FLIGHT = 16_384;

    /** The most requests that may be in flight in one messenger. */
    public static final int HIGHEST_MAX_IN_FLIGHT = 1 << 20;

    /** Takes copies of the collections. */
    public MessengerOptions {
        options = Map.copyOf(options);
        requestInterceptors = List.copyOf(requestInterceptors);
        responderInterceptors = List.copyOf(responderInterceptors);
    }

    static Duration checkTimeout(String what, Duration timeout) {
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT,
                    what + " must be more than zero and at most " + MAX_TIMEOUT.toHours() + " hours, not " + timeout);
        }
        return timeout;
    }

    static int checkPositive(String what, int number) {
        if (number < 1) {
            throw new AntiphonException(ErrorCode.INVALID_ARGUMENT, what + " must be 1 or more, not " + number);
        }
        return number;
    }

    /** Neither URL nor options: they may hold secrets. */
    @Override
    public String toString() {
        return "MessengerOptions[name=" + name + ", options=" + options.keySet() + "]";
    }
}
