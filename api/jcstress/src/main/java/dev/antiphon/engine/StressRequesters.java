package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.MessengerListener;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RequestOptions;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.SendCallback;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Requesters whose time stands still and whose requests go nowhere. */
final class StressRequesters {

    static final Message REPLY = Message.of("reply");

    private static final RequestOptions OPTIONS = RequestOptions.timeout(Duration.ofMillis(1));
    /** More than there are states at any time, so that a permit that is not given back is missed sooner or later. */
    private static final int MANY = 1 << 18;

    /** For tests that end each of their calls; a requester takes long to make. */
    static final Requester SHARED = create(MANY);

    private StressRequesters() {}

    static Requester create(int maxInFlight) {
        Requester requester = new Requester(
                new EngineSettings(
                        "stress", Duration.ofSeconds(1), maxInFlight, OverloadPolicy.WAIT, null, Duration.ZERO),
                () -> 0,
                new Counters(),
                new Hooks(new MessengerListener() {}, Runnable::run),
                null,
                new CorrelationSequence(new int[] {1, 2, 3, 4}));
        requester.open(new Nowhere(), () -> 1, () -> {}, DisconnectPolicy.FAIL);
        return requester;
    }

    static AntiphonException closed() {
        return new AntiphonException(ErrorCode.CLOSED, "closed");
    }

    static PendingCall request(Requester requester) {
        return requester.request("subject", Message.empty(), OPTIONS);
    }

    private static final class Nowhere implements ReplyChannel {
        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            callback.onSent();
        }

        @Override
        public CompletionStage<Void> close() {
            return CompletableFuture.completedFuture(null);
        }
    }
}
