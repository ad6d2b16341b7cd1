package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerBuilder;
import dev.antiphon.RequestOptions;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.BrokerInspector;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.Transport;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;

/** What every group of rules can use. Whatever is made here is closed after the rule. */
interface Conformance {
    /** What the running rule works with. */
    Harness harness();

    /** How long to wait. */
    default Timing timing() {
        return harness().fixture().timing();
    }

    // -- What is under test --

    /** What the started transport declares, limits included. */
    default Capabilities capabilities() {
        return harness().capabilities();
    }

    /** Whether the transport declares a capability. A rule that asks asserts something in both cases. */
    default boolean supports(Capability capability) {
        return harness().supports(capability);
    }

    /** A messenger at the shared broker. */
    default Messenger connect() {
        return connect(builder -> {});
    }

    /** A messenger set up by the rule; at the shared broker unless {@code setUp} gives another URL. */
    default Messenger connect(Consumer<MessengerBuilder> setUp) {
        return harness().connect(setUp);
    }

    /** A messenger at this URL. */
    default Messenger connectTo(String url) {
        return connect(builder -> builder.url(url));
    }

    /** A builder for this URL with the fixture's options, for rules that expect the connecting to fail. */
    default MessengerBuilder builder(String url) {
        return harness().builder(url);
    }

    /** A started transport without the engine. */
    default Transport transport() {
        return harness().startTransport(new Spi.Events());
    }

    /** A client that knows nothing of this library. */
    default RawClient rawClient() {
        return harness()
                .closing(harness().fixture().openRawClient(harness().fixture().url()));
    }

    /** What the shared broker says it holds; empty where it can not be asked, which the report shows as absent. */
    default Optional<BrokerInspector> inspector() {
        return harness().inspector();
    }

    /** A broker for this rule alone, to be stopped and cut. Only after asking for AUTO_RECONNECT. */
    default BrokerControl privateBroker() {
        return harness().openBroker();
    }

    /** The URL of a broker where nobody else is. */
    default String isolatedUrl() {
        return harness().isolatedUrl();
    }

    /** A subject that nobody else uses; {@code hint} is one token. */
    default String unique(String hint) {
        return harness().unique(hint);
    }

    /** A subject that is served by somebody who never answers. */
    default String silentSubject() {
        String subject = unique("silent");
        rawClient().subscribe(subject, null, request -> {});
        return subject;
    }

    /** Publishes these bodies in this order, and returns when every publication has succeeded. */
    default void publish(Messenger publisher, String subject, List<String> bodies) {
        bodies.stream()
                .map(body -> publisher.publish(subject, Message.of(body)))
                .toList()
                .forEach(this::get);
    }

    /** So many bodies that differ: {@code hint-0}, {@code hint-1}, ... */
    default List<String> bodies(String hint, int count) {
        return IntStream.range(0, count).mapToObj(i -> hint + "-" + i).toList();
    }

    /** How often to do what is done so often in the main mode of a transport. */
    default int repetitions(int all) {
        return repetitions(all, 1);
    }

    /** The same where fewer than {@code least} would show nothing. */
    default int repetitions(int all, int least) {
        return Math.max(least, all / harness().fixture().thinning());
    }

    /** A door that holds up handlers until the rule opens it. */
    default Gate gate() {
        return harness().closing(new Gate());
    }

    // -- Seeing what happens --

    /** A subscriber that keeps what it gets. */
    default Collector collector() {
        return new Collector(timing());
    }

    /**
     * Publishes a marker to {@code subject} and waits until each collector has it. What {@code publisher} sent to these
     * subscriptions before has come by then, or never will.
     */
    default void fence(Messenger publisher, String subject, Collector... collectors) {
        harness().fence(publisher, subject, collectors);
    }

    /** Returns when the broker has dealt with everything that {@code messenger} sent before. */
    default void roundTrip(Messenger messenger) {
        String subject = unique("round-trip");
        Collector collector = collector();
        var subscription = messenger.subscribe(subject, collector);
        fence(messenger, subject, collector);
        subscription.close();
    }

    /** Asserts that each message came once, in whatever order. All that come must differ. */
    default void assertEachOnce(List<String> received, List<String> sent) {
        Set<String> lost = new LinkedHashSet<>(sent);
        Set<String> doubled = new LinkedHashSet<>();
        Set<String> strange = new LinkedHashSet<>();
        Set<String> known = Set.copyOf(sent);
        for (String one : received) {
            if (!known.contains(one)) {
                strange.add(one);
            } else if (!lost.remove(one)) {
                doubled.add(one);
            }
        }
        assertThat(lost).as("messages lost of %s", sent.size()).isEmpty();
        assertThat(doubled).as("messages doubled of %s", sent.size()).isEmpty();
        assertThat(strange).as("messages that nobody sent").isEmpty();
    }

    /** How a request ends that nobody serves, while a plain client serves another subject. */
    default ErrorCode unservedBesidePlainResponder() {
        return supports(Capability.NO_RESPONDERS) && harness().fixture().tellsWhatPlainRespondersServe()
                ? ErrorCode.NO_RESPONDERS
                : ErrorCode.TIMEOUT;
    }

    /** How a request ends that nobody serves. */
    default ErrorCode unserved() {
        return supports(Capability.NO_RESPONDERS) ? ErrorCode.NO_RESPONDERS : ErrorCode.TIMEOUT;
    }

    /** Timeout of a request that ends like that: brief, unless it is for the transport to find out that nobody serves it. */
    default RequestOptions timeFor(ErrorCode expected) {
        return RequestOptions.timeout(expected == ErrorCode.NO_RESPONDERS ? timing().signal() : Duration.ofMillis(250));
    }

    /** Waits until the assertion holds. */
    default void eventually(String what, ThrowingRunnable assertion) {
        Awaitility.await(what)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(timing().signal())
                .untilAsserted(assertion);
    }

    /** Proves that something does not happen by watching for a while. Only where no fence message can prove it. */
    default void never(String what, ThrowingRunnable assertion) {
        Awaitility.await(what)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .during(timing().silence())
                .atMost(timing().silence().plus(timing().signal()))
                .failFast(assertion)
                .untilAsserted(() -> {});
    }

    /** The result of a future, within the signal time. */
    default <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(timing().signal().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("did not end within " + timing().signal(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** How an operation fails that must throw at once with this code. */
    default AntiphonException assertThrows(ErrorCode code, ThrowingCallable operation) {
        return assertCode(code, catchThrowable(operation));
    }

    /** How a future or {@link Call} fails that must do so with this code, within the signal time. */
    default AntiphonException assertFails(ErrorCode code, CompletableFuture<?> future) {
        Throwable failure = catchThrowable(() -> future.get(timing().signal().toMillis(), TimeUnit.MILLISECONDS));
        assertThat(failure)
                .as("it must fail with %s within %s", code, timing().signal())
                .isInstanceOf(ExecutionException.class);
        return assertCode(code, failure.getCause());
    }

    /** As {@link #assertFails(ErrorCode, CompletableFuture)}. */
    default AntiphonException assertFails(ErrorCode code, Call call) {
        return assertFails(code, call.toCompletableFuture());
    }

    /**
     * A message must have arrived as it was sent, in everything but the order of headers with different names: of that
     * nothing is promised, since brokers keep headers in tables that have no order.
     */
    default void assertSameMessage(Message actual, Message sent) {
        assertThat(actual.bytes()).as("the body").isEqualTo(sent.bytes());
        assertThat(actual.contentType()).as("the content type").isEqualTo(sent.contentType());
        assertThat(actual.headers().names())
                .as("the names of headers")
                .containsExactlyInAnyOrderElementsOf(sent.headers().names());
        assertThat(sent.headers().names())
                .allSatisfy(name -> assertThat(actual.headers().all(name))
                        .as("the values of header %s", name)
                        .isEqualTo(sent.headers().all(name)));
    }

    private static AntiphonException assertCode(ErrorCode code, @Nullable Throwable failure) {
        if (!(failure instanceof AntiphonException ours)) {
            throw new AssertionError("it must fail with " + code + ", but: " + failure, failure);
        }
        assertThat(ours.code()).as("the code of: %s", ours).isEqualTo(code);
        return ours;
    }
}
