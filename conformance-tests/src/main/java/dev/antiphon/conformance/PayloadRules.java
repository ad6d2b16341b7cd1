package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.Delivery;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.spi.ControlHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/** Rules about bodies and headers: {@code PAY} in the specification. */
interface PayloadRules extends Conformance {
    /** What arrives when these are published, requested and replied: each must be what was sent. */
    private void assertTravels(Message... messages) {
        String subject = unique("payload");
        Collector collector = collector();
        List<Message> requests = new ArrayList<>();
        Messenger receiver = connect();
        receiver.subscribe(subject, collector);
        receiver.respond(subject + ".request", request -> {
            requests.add(request.message());
            return request.message();
        });
        Messenger sender = connect();

        List<Message> replies = new ArrayList<>();
        for (Message message : messages) {
            get(sender.publish(subject, message));
            replies.add(get(sender.request(subject + ".request", message).toCompletableFuture()));
        }
        fence(sender, subject, collector);

        List<Message> delivered =
                collector.deliveries().stream().map(Delivery::message).toList();
        assertThat(delivered).as("published").hasSize(messages.length);
        for (int i = 0; i < messages.length; i++) {
            assertSameMessage(delivered.get(i), messages[i]);
            assertSameMessage(requests.get(i), messages[i]);
            assertSameMessage(replies.get(i), messages[i]);
        }
    }

    @Rule("PAY-01")
    default void emptyBody_travelsAsEmptyBody() {
        assertTravels(
                Message.empty(),
                Message.of(""),
                Message.empty().withHeader("x-with", "header"),
                Message.empty().withContentType("text/plain"));
    }

    @Rule("PAY-02")
    default void allBytes_travelUnchanged() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        byte[] notUtf8 = {(byte) 0xc3, 0x28, (byte) 0xff, (byte) 0xfe, 0, 0, '\r', '\n'};
        byte[] large = new byte[100_000];
        new Random(1).nextBytes(large);
        assertTravels(
                Message.of(all),
                Message.of(notUtf8),
                Message.of(large),
                Message.of("PING\r\nMSG x 1 0\r\n\r\n"),
                Message.of(notUtf8).withHeader("x-with", "header"));
    }

    @Rule(value = "PAY-03", seconds = 120)
    default void body_upToTheLimit_travelsAndOneByteMoreIsRefused() {
        int limit = (int) capabilities().limits().maxBodyBytes();
        String subject = unique("large");
        Messenger receiver = connect();
        CompletableFuture<Message> arrived = new CompletableFuture<>();
        receiver.subscribe(subject, delivery -> arrived.complete(delivery.message()));
        receiver.respond(subject + ".request", request -> Message.empty());
        Messenger sender = connect();

        assertThat(assertFails(ErrorCode.TOO_LARGE, sender.publish(subject, Message.wrap(new byte[limit + 1])))
                        .mayHaveExecuted())
                .isFalse();
        AntiphonException failure = assertFails(
                ErrorCode.TOO_LARGE, sender.request(subject + ".request", Message.wrap(new byte[limit + 1])));
        assertThat(failure.mayHaveExecuted()).isFalse();
        assertThat(failure.retryable()).isFalse();
        get(sender.publish(subject, Message.wrap(new byte[limit])));

        assertThat(get(arrived).size()).isEqualTo(limit);
        assertThat(receiver.stats().requestsReceived()).isZero();
        assertThat(sender.state()).isEqualTo(ConnectionState.CONNECTED);
        assertThat(sender.stats().reconnects()).as("the link survived").isZero();
        get(sender.request(subject + ".request", Message.empty()).toCompletableFuture());
    }

    @Rule("PAY-04")
    default void headers_keepTheirValuesAndTheSpellingOfNames() {
        Headers several = Headers.of("x-one", "1", "X-Two", "a", "x-MIXED-Case", "v")
                .plus("X-Two", "b")
                .plus("X-Two", "a")
                .plus("x-two", "c");
        assertThat(several.all("X-TWO")).containsExactly("a", "b", "a", "c");
        assertTravels(
                Message.of("several").withHeaders(several),
                Message.of("empty value").withHeader("x-empty", ""),
                Message.of("an empty value among others")
                        .withHeaders(Headers.of("x-some", "", "x-some", "a", "x-some", "")));
    }

    @Rule("PAY-05")
    default void headers_ofEveryCharacter_travelUnchangedOrAreRefused() {
        Headers allowed = Headers.EMPTY;
        for (char c = 0; c < 0x180; c++) {
            for (String name : List.of("h" + (int) c + "-" + c, "h" + (int) c + "-" + c + "-middle")) {
                allowed = withIfAllowed(allowed, name, "value");
            }
            int i = 0;
            for (String value : List.of("" + c, c + "begin", "end" + c, "mid" + c + c + "dle", c + "=?" + c)) {
                allowed = withIfAllowed(allowed, "v" + (int) c + "-" + i++, value);
            }
        }
        for (String value :
                List.of("a  b", "a: b", ": ", "%0d%0a", "=?utf-8?q?=C3=A9?=", "\"quoted\"", "{\"a\":[1]}")) {
            allowed = withIfAllowed(allowed, "v-" + allowed.size(), value);
        }

        assertThat(allowed.size())
                .as("letters, digits and most punctuation are allowed")
                .isGreaterThan(400);
        assertTravels(Message.of("characters").withHeaders(allowed));
    }

    private static Headers withIfAllowed(Headers headers, String name, String value) {
        try {
            return headers.plus(name, value);
        } catch (AntiphonException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            return headers;
        }
    }

    @Rule("PAY-06")
    default void lineBreaks_inHeadersAndErrors_injectNothing() {
        for (String bad : List.of("a\r\nx-injected: 1", "a\nb", "a\rb", "a\0b", "\u00e9", "\ud800", "\u2028")) {
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Headers.of("x-some", bad));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Headers.of("x-" + bad, "value"));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Headers.EMPTY.plus("x-some", bad));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Message.empty().withHeader("x-some", bad));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Message.empty().withContentType(bad));
        }
        String subject = unique("injection");
        String nasty = "first\r\nx-injected: 1\r\n\r\nbody \u00e9\u20ac \ud83d\ude00 %zz %41";
        connect().respond(subject, request -> {
            throw new RemoteException("CODE " + nasty, nasty);
        });

        AntiphonException failure = assertFails(ErrorCode.REMOTE, connect().request(subject, Message.of("?")));

        assertThat(failure).isInstanceOfSatisfying(RemoteException.class, remote -> {
            assertThat(remote.remoteMessage()).isEqualTo(nasty);
            assertThat(remote.remoteCode()).isEqualTo("CODE " + nasty);
        });
    }

    @Rule("PAY-07")
    default void headers_manyAndLong_travelOrAreTooLarge() {
        Headers many = Headers.EMPTY;
        for (int i = 0; i < 200; i++) {
            many = many.plus("x-header-" + i, "v".repeat(100));
        }
        assertTravels(
                Message.of("many").withHeaders(many), Message.of("long").withHeader("x-long", "v".repeat(16_000)));
        int limit = (int) capabilities().limits().maxBodyBytes();
        String subject = unique("large");
        CompletableFuture<Message> arrived = new CompletableFuture<>();
        connect().subscribe(subject, delivery -> arrived.complete(delivery.message()));
        Messenger sender = connect();

        Throwable failure = catchThrowable(
                () -> get(sender.publish(subject, Message.wrap(new byte[limit]).withHeader("x-more", "v"))));

        if (failure == null) {
            assertThat(get(arrived).size()).isEqualTo(limit);
        } else {
            assertThat(failure.getCause())
                    .isInstanceOfSatisfying(
                            AntiphonException.class,
                            tooLarge -> assertThat(tooLarge.code()).isEqualTo(ErrorCode.TOO_LARGE));
        }
        roundTrip(sender);
        assertThat(sender.stats().reconnects()).as("the link survived").isZero();
    }

    @Rule("PAY-08")
    default void reservedHeaders_areNeitherSentForUsersNorShownToThem() {
        String subject = unique("reserved");
        Messenger messenger = connect();
        AtomicReference<Optional<Headers>> seen = new AtomicReference<>(Optional.empty());
        messenger.respond(subject, request -> {
            seen.set(Optional.of(request.message().headers()));
            return Message.of("reply").withHeader("x-own", "2");
        });
        messenger.respond(
                subject + ".spoofs", request -> Message.of("reply").withHeader(ControlHeaders.ERROR, "TIMEOUT"));

        for (String name : List.of(ControlHeaders.BUDGET, "Antiphon-Error", ControlHeaders.PREFIX + "anything")) {
            Message spoofed = Message.of("?").withHeader(name, "1");
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.request(subject, spoofed));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.publish(subject, spoofed));
        }
        assertThat(assertFails(ErrorCode.REMOTE, messenger.request(subject + ".spoofs", Message.of("?"))))
                .hasMessageContaining("reserved");
        Message reply = get(messenger
                .request(subject, Message.of("?").withHeader("x-own", "1"))
                .toCompletableFuture());

        assertThat(seen.get()).hasValue(Headers.of("x-own", "1"));
        assertThat(reply.headers()).isEqualTo(Headers.of("x-own", "2"));
        Collector collector = collector();
        messenger.subscribe(subject + ".events", collector);
        rawClient()
                .publish(
                        subject + ".events",
                        Message.of("from afar").withHeaders(Headers.received("antiphon-budget", "1", "x-own", "3")));
        assertThat(collector.await(1).get(0).message().headers()).isEqualTo(Headers.of("x-own", "3"));
    }

    @Rule("PAY-09")
    default void subjects_longOrBeyondAscii_workUpToTheLimit() {
        int limit = capabilities().limits().maxSubjectBytes();
        String begin = unique("subject") + ".";
        String longest = begin + "x".repeat(limit - begin.length());
        String longestUnicode = begin + "\u00fc".repeat((limit - begin.length()) / 2);
        Messenger messenger = connect();
        for (String subject : List.of(
                longest,
                longestUnicode,
                begin + "gr\u00f6\u00dfe.\u03a3.\u6f22\u5b57",
                begin + "a-_!$%&/()=?'~#+@,;:|<")) {
            Collector collector = collector();
            var subscription = messenger.subscribe(subject, collector);
            publish(messenger, subject, List.of("order"));
            assertThat(collector.await(1).get(0).subject()).isEqualTo(subject);
            subscription.close();
            messenger.respond(subject, request -> Message.of(request.subject()));
            Message reply = get(messenger
                    .request(subject, Message.of("?"), RequestOptions.timeout(Duration.ofMinutes(1)))
                    .toCompletableFuture());
            assertThat(reply.text()).isEqualTo(subject);
        }
        String tooLong = longest + "x";
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.publish(tooLong, Message.empty()));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.request(tooLong, Message.empty()));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.subscribe(tooLong, collector()));
    }

    @Rule("PAY-10")
    default void contentType_travelsBesideTheHeaders() {
        assertTravels(
                Message.of("{}").withContentType("application/json"),
                Message.of("<a/>").withContentType("text/xml; charset=\"utf-8\""),
                Message.of("both").withContentType("text/plain").withHeader("x-own", "1"),
                Message.of("neither"));
    }

    @Rule("PAY-11")
    default void messages_areImmutable_whateverTheirMakerDoesLater() {
        byte[] body = "before".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        String[] pairs = {"x-some", "before"};
        Message message = Message.of(body).withHeaders(Headers.of(pairs));
        body[0] = '!';
        pairs[1] = "after";
        message.bytes()[0] = '!';
        assertThat(message.text()).isEqualTo("before");

        String subject = unique("payload");
        List<Collector> collectors =
                IntStream.range(0, 2).mapToObj(i -> collector()).toList();
        Messenger messenger = connect();
        collectors.forEach(collector -> messenger.subscribe(subject, delivery -> {
            collector.handle(delivery);
            delivery.message().bytes()[0] = '!';
            assertThat(catchThrowable(() -> delivery.message().buffer().put(0, (byte) '!')))
                    .isInstanceOf(java.nio.ReadOnlyBufferException.class);
        }));
        get(messenger.publish(subject, message));
        fence(messenger, subject, collectors.toArray(Collector[]::new));

        assertThat(collectors).allSatisfy(collector -> {
            assertThat(collector.texts()).containsExactly("before");
            assertThat(collector.deliveries().get(0).message().header("x-some")).hasValue("before");
        });
    }
}
