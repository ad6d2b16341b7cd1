package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.Dedup;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.Retry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Rules about making requests again: {@code RR} in the specification. */
interface DedupRules extends Conformance {
    RequestOptions KEYED = RequestOptions.timeout(Duration.ofMinutes(1)).withIdempotencyKey("order 17");

    @Rule("RR-35")
    default void requestsWithTheSameKey_areHandledOnce() {
        String subject = unique("dedup");
        AtomicInteger handled = new AtomicInteger();
        Gate gate = gate();
        Messenger responder = connect();
        responder.respond(
                subject,
                request -> {
                    gate.pass();
                    return Message.of("handled " + handled.incrementAndGet());
                },
                RespondOptions.DEFAULTS.withDedup(Dedup.DEFAULTS));
        Messenger requester = connect();

        List<Call> same = IntStream.range(0, 5)
                .mapToObj(i -> requester.request(subject, Message.of("?"), KEYED))
                .toList();
        eventually(
                "all have come",
                () -> assertThat(responder.stats().requestsReceived()).isEqualTo(5));
        gate.open();

        assertThat(same)
                .allSatisfy(call ->
                        assertThat(get(call.toCompletableFuture()).text()).isEqualTo("handled 1"));
        assertThat(get(requester.request(subject, Message.of("?"), KEYED).toCompletableFuture())
                        .text())
                .as("once it was answered")
                .isEqualTo("handled 1");
        assertThat(get(requester
                                .request(subject, Message.of("?"), KEYED.withIdempotencyKey("order 18"))
                                .toCompletableFuture())
                        .text())
                .isEqualTo("handled 2");
    }

    @Rule("RR-40")
    default void requestsThatMayBeRetried_areUntilTheySucceed() {
        String subject = unique("retry");
        AtomicInteger attempts = new AtomicInteger();
        Messenger responder = connect();
        responder.respond(subject, request -> {
            if (attempts.incrementAndGet() < 3) {
                request.noReply();
            }
            return Message.of("at last");
        });
        responder.respond(subject + ".broken", request -> {
            attempts.incrementAndGet();
            throw new RemoteException("BROKEN", "for good");
        });
        Messenger requester = connect(builder -> builder.requestInterceptor(Retry.attempts(5)
                .withPauses(Duration.ofMillis(1), Duration.ofMillis(5))
                .withAttemptTimeout(timing().grace())));

        assertThat(get(requester.request(subject, Message.of("?"), KEYED).toCompletableFuture())
                        .text())
                .isEqualTo("at last");
        assertThat(attempts).hasValue(3);
        attempts.set(0);
        assertFails(ErrorCode.REMOTE, requester.request(subject + ".broken", Message.of("?"), KEYED));
        assertThat(attempts).as("attempts at what can not be retried").hasValue(1);
        attempts.set(0);
        assertFails(
                ErrorCode.TIMEOUT,
                requester.request(subject, Message.of("?"), RequestOptions.timeout(Duration.ofMinutes(1))));
        assertThat(attempts).as("attempts at what may have been handled").hasValue(1);
    }
}
