package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.GatherOptions;
import dev.antiphon.GatherResult;
import dev.antiphon.Message;
import dev.antiphon.RaceOptions;
import dev.antiphon.RequestOptions;
import dev.antiphon.SendOptions;
import dev.antiphon.StreamOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is made of requests, beside the plain request: gathering, streaming, racing, sending. Arguments were checked. */
final class Operations {

    private final Requester requester;
    private final Function<Duration, CompletionStage<Void>> flush;
    private final Hedges hedges = new Hedges();

    Operations(Requester requester, Function<Duration, CompletionStage<Void>> flush) {
        this.requester = requester;
        this.flush = flush;
    }

    // -- Gathering --

    CompletableFuture<GatherResult> gather(Collection<String> subjects, Message message, GatherOptions options) {
        RequestOptions request = options.timeout().map(RequestOptions::timeout).orElse(RequestOptions.DEFAULTS);
        FramedCall.Terms terms = requester
                .terms(request)
                .withWants(
                        wants -> options.cancelRest() ? wants.withResponder().withAcceptance() : wants.withResponder());
        Gathering gathering = new Gathering(requester, options, subjects);
        for (String subject : subjects) {
            gathering.add(new Gathering.Leg(gathering, requester, subject, message, terms));
        }
        return gathering.start();
    }

    // -- Streaming --

    Flow.Publisher<Message> stream(String subject, Message message, StreamOptions options) {
        InboundRequest ambient = HandlerContext.current();
        RequestOptions request = withParent(RequestOptions.timeout(options.timeout()), ambient);
        return subscriber -> subscribe(Objects.requireNonNull(subscriber), subject, message, options, request);
    }

    private void subscribe(
            Flow.Subscriber<? super Message> subscriber,
            String subject,
            Message message,
            StreamOptions options,
            RequestOptions request) {
        Wants.Flow flow = new Wants.Flow(options.window(), options.gapTimeout().toMillis());
        StreamSink sink = new StreamSink(requester, subscriber);
        subscriber.onSubscribe(sink);
        FramedCall.Terms terms = requester.terms(request).withWants(wants -> wants.withStream(flow));
        requester.start(new StreamCall(sink, requester, subject, message, terms, flow));
        sink.opened();
    }

    // -- Racing --

    Call race(List<String> subjects, Message message, RaceOptions options) {
        RequestOptions request = withParent(options.request(), HandlerContext.current());
        long deadline = requester.terms(request).deadline();
        List<Function<RaceCall, RaceCall.Copy>> starters = new ArrayList<>();
        for (String subject : subjects) {
            starters.add(race -> new RaceCall.Copy(
                    race,
                    requester,
                    subject,
                    message,
                    requester
                            .terms(request.withTimeout(Duration.ofNanos(
                                    Math.max(1, deadline - requester.alarms().now()))))
                            .withWants(Wants::withAcceptance)));
        }
        String first = subjects.get(0);
        RaceCall.Pace pace = options.hedging()
                .map(hedging -> hedges.pace(hedging, first))
                .orElseGet(() -> new Stagger(options.stagger().toNanos()));
        return new RaceCall(requester, first, starters, pace).start();
    }

    /** All copies, one after the other. */
    private record Stagger(long delay) implements RaceCall.Pace {
        @Override
        public boolean mayStart() {
            return true;
        }

        @Override
        public void won(long nanos) {}
    }

    // -- Sending --

    Call send(String subject, Message message, SendOptions options, boolean knowsNoResponders) {
        if (options.confirmation() == SendOptions.Confirmation.ROUTED && !knowsNoResponders) {
            throw new AntiphonException(
                    ErrorCode.UNSUPPORTED,
                    "this transport can not tell whether a message was routed; wait for ACCEPTED or DONE");
        }
        FramedCall.Terms terms =
                requester.terms(options.request()).withWants(wants -> SendCall.wants(wants, options.confirmation()));
        return requester.start(new SendCall(requester, subject, message, terms, options.confirmation(), flush));
    }

    private static RequestOptions withParent(RequestOptions options, @Nullable InboundRequest ambient) {
        return ambient == null || options.parent().isPresent() ? options : options.withParent(ambient);
    }
}
