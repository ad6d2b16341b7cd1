package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.GatherOptions;
import dev.antiphon.GatherResult;
import dev.antiphon.Message;
import dev.antiphon.OutgoingRequest;
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

/** What is made of requests, beside the plain request: gathering, streaming, racing, sending. Arguments were checked. */
final class Operations {

    private final Requester requester;
    private final Function<Duration, CompletionStage<Void>> flush;
    private final Interceptors interceptors;
    private final Hedges hedges = new Hedges();

    Operations(Requester requester, Function<Duration, CompletionStage<Void>> flush, Interceptors interceptors) {
        this.requester = requester;
        this.flush = flush;
        this.interceptors = interceptors;
    }

    // -- Gathering --

    CompletableFuture<GatherResult> gather(Collection<String> subjects, Message message, GatherOptions options) {
        RequestOptions request = options.timeout().map(RequestOptions::timeout).orElse(RequestOptions.DEFAULTS);
        Gathering gathering = new Gathering(requester, options, subjects);
        gathering.start();
        if (interceptors.isEmpty()) {
            FramedCall.Terms terms = gatherTerms(request, options);
            subjects.forEach(subject ->
                    gathering.begin(new Gathering.Leg(gathering, subject, requester, subject, message, terms)));
            return gathering.future();
        }
        for (String subject : subjects) {
            interceptors.open(
                    subject,
                    message,
                    request,
                    outgoing -> gathering.begin(new Gathering.Leg(
                            gathering,
                            subject,
                            requester,
                            outgoing.subject(),
                            outgoing.message(),
                            gatherTerms(outgoing.options(), options))),
                    (reply, failure) -> gathering.answered(subject, reply, failure));
        }
        return gathering.future();
    }

    private FramedCall.Terms gatherTerms(RequestOptions request, GatherOptions options) {
        return requester
                .terms(request)
                .withWants(
                        wants -> options.cancelRest() ? wants.withResponder().withAcceptance() : wants.withResponder());
    }

    // -- Streaming --

    Flow.Publisher<Message> stream(String subject, Message message, StreamOptions options) {
        RequestOptions request = HandlerContext.withAmbientParent(RequestOptions.timeout(options.timeout()));
        Wants.Flow flow = new Wants.Flow(options.window(), options.gapTimeout().toMillis());
        return subscriber ->
                subscribe(Objects.requireNonNull(subscriber), new OutgoingRequest(subject, message, request), flow);
    }

    private void subscribe(Flow.Subscriber<? super Message> subscriber, OutgoingRequest request, Wants.Flow flow) {
        StreamSink sink = new StreamSink(requester, subscriber);
        subscriber.onSubscribe(sink);
        if (interceptors.isEmpty()) {
            startStream(sink, request, flow);
        } else {
            interceptors.open(
                    request.subject(),
                    request.message(),
                    request.options(),
                    outgoing -> startStream(sink, outgoing, flow),
                    sink::endWith);
        }
        sink.opened();
    }

    private StreamCall startStream(StreamSink sink, OutgoingRequest request, Wants.Flow flow) {
        FramedCall.Terms terms = requester.terms(request.options()).withWants(wants -> wants.withStream(flow));
        return requester.start(new StreamCall(sink, requester, request.subject(), request.message(), terms, flow));
    }

    // -- Racing --

    Call race(List<String> subjects, Message message, RaceOptions options) {
        RequestOptions request = HandlerContext.withAmbientParent(options.request());
        long deadline = requester.terms(request).deadline();
        List<Function<RaceCall, Call>> starters = new ArrayList<>();
        for (String subject : subjects) {
            starters.add(race -> {
                long left = Math.max(1, deadline - requester.alarms().now());
                return startCopy(
                        race, new OutgoingRequest(subject, message, request.withTimeout(Duration.ofNanos(left))));
            });
        }
        String first = subjects.get(0);
        RaceCall.Pace pace = options.hedging()
                .map(hedging -> hedges.pace(hedging, first))
                .orElseGet(() -> new Stagger(options.stagger().toNanos()));
        return new RaceCall(requester, first, starters, pace).start();
    }

    private Call startCopy(RaceCall race, OutgoingRequest copy) {
        if (interceptors.isEmpty()) {
            return requester.start(
                    new RaceCall.Copy(race, requester, copy.subject(), copy.message(), copyTerms(copy.options())));
        }
        long begun = requester.alarms().now();
        Call call = interceptors.call(
                copy.subject(),
                copy.message(),
                copy.options(),
                outgoing -> requester.start(new FramedCall(
                        requester, outgoing.subject(), outgoing.message(), copyTerms(outgoing.options()))));
        call.whenComplete(
                (reply, failure) -> race.over(reply, failure, requester.alarms().now() - begun));
        return call;
    }

    private FramedCall.Terms copyTerms(RequestOptions options) {
        return requester.terms(options).withWants(Wants::withAcceptance);
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
        OutgoingRequest request = new OutgoingRequest(subject, message, options.request());
        return interceptors.isEmpty()
                ? startSend(request, options.confirmation())
                : interceptors.call(
                        subject, message, options.request(), outgoing -> startSend(outgoing, options.confirmation()));
    }

    private SendCall startSend(OutgoingRequest request, SendOptions.Confirmation confirmation) {
        FramedCall.Terms terms =
                requester.terms(request.options()).withWants(wants -> SendCall.wants(wants, confirmation));
        return requester.start(
                new SendCall(requester, request.subject(), request.message(), terms, confirmation, flush));
    }
}
