package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Delivery;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.Subscription;
import dev.antiphon.spi.Capabilities.Capability;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Rules about wildcards: {@code WLD} in the specification. */
interface WildcardRules extends Conformance {
    /** Whether patterns are refused, as they must be where they are not declared. */
    private boolean patternsRefused() {
        if (supports(Capability.WILDCARD)) {
            return false;
        }
        String root = unique("orders");
        Messenger messenger = connect();
        Collector collector = collector();
        for (String pattern : List.of(root + ".*", root + ".>")) {
            assertThrows(ErrorCode.UNSUPPORTED, () -> messenger.subscribe(pattern, collector));
            assertThrows(ErrorCode.UNSUPPORTED, () -> messenger.respond(pattern, request -> Message.empty()));
        }
        publish(messenger, root + ".x", List.of("nobody is here"));
        roundTrip(messenger);
        assertThat(collector.texts()).isEmpty();
        return true;
    }

    /** Publishes to all subjects and asserts which of them a pattern got. All are relative to a root of their own. */
    private void assertMatches(String pattern, List<String> matching, List<String> others) {
        String root = unique("root");
        Collector collector = collector();
        connect().subscribe(root + pattern, collector);
        Messenger publisher = connect();

        others.forEach(subject -> publish(publisher, root + subject, List.of("must not match " + subject)));
        matching.forEach(subject -> publish(publisher, root + subject, List.of(subject)));
        matching.forEach(subject -> fence(publisher, root + subject, collector)); // there is no order among subjects

        assertThat(collector.texts())
                .as("subjects that match " + pattern)
                .containsExactlyInAnyOrderElementsOf(matching);
    }

    @Rule("WLD-01")
    default void star_matchesExactlyOneToken() {
        if (patternsRefused()) {
            return;
        }
        assertMatches(".*", List.of(".a", ".bcd", ".x-y_z"), List.of("x.a"));
        assertMatches(".*.c", List.of(".a.c", ".b.c"), List.of(".a.b", ".c"));
        assertMatches(".*.*", List.of(".a.b", ".c.c"), List.of());
    }

    @Rule("WLD-02")
    default void star_matchesNeitherNoTokenNorTwoNorAPart() {
        if (patternsRefused()) {
            return;
        }
        assertMatches(".*", List.of(".a"), List.of("", ".a.b", ".a.b.c"));
        assertMatches(".*.c", List.of(".a.c"), List.of(".c", ".a.b.c", ".a.cc", ".a"));
        Messenger messenger = connect();
        for (String partial : List.of("orders.a*", "orders.*a", "orders.a*b", "**")) {
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.subscribe(partial, collector()));
        }
    }

    @Rule("WLD-03")
    default void tail_matchesOneTokenOrMoreAndNotNone() {
        if (patternsRefused()) {
            return;
        }
        assertMatches(".>", List.of(".a", ".a.b", ".a.b.c.d"), List.of("", "x", "x.a"));
        assertMatches(".*.>", List.of(".a.b", ".a.b.c"), List.of(".a", ""));
        Messenger messenger = connect();
        for (String misplaced : List.of("orders.>.a", ">.a", "orders.a>", ">>")) {
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.subscribe(misplaced, collector()));
        }
    }

    @Rule("WLD-04")
    default void delivery_throughAPattern_hasItsConcreteSubject() {
        if (patternsRefused()) {
            return;
        }
        String root = unique("orders");
        Collector collector = collector();
        Messenger subscriber = connect();
        subscriber.subscribe(root + ".>", collector);
        subscriber.respond(root + ".price.*", request -> Message.of(request.subject()));
        Messenger publisher = connect();

        publish(publisher, root + ".eu", List.of("1"));
        publish(publisher, root + ".eu.created", List.of("2"));
        fence(publisher, root + ".eu", collector);
        String answeredAt = get(publisher
                        .request(root + ".price.apple", Message.of("?"))
                        .toCompletableFuture())
                .text();

        assertThat(collector.deliveries().subList(0, 2))
                .extracting(Delivery::subject)
                .containsExactly(root + ".eu", root + ".eu.created");
        assertThat(answeredAt).isEqualTo(root + ".price.apple");
    }

    @Rule("WLD-05")
    default void patterns_thatOverlap_eachSubscriptionGetsTheMessageOnce() {
        if (patternsRefused()) {
            return;
        }
        String root = unique("orders");
        Messenger subscriber = connect();
        List<String> patterns = List.of(root + ".a.b", root + ".*.b", root + ".a.*", root + ".*.*", root + ".>");
        List<Collector> collectors = patterns.stream()
                .map(pattern -> {
                    Collector collector = collector();
                    subscriber.subscribe(pattern, collector);
                    return collector;
                })
                .toList();
        Messenger publisher = connect();

        publish(publisher, root + ".a.b", bodies("order", 20));
        fence(publisher, root + ".a.b", collectors.toArray(Collector[]::new));

        assertThat(collectors)
                .allSatisfy(collector -> assertThat(collector.texts()).containsExactlyElementsOf(bodies("order", 20)));
    }

    @Rule("WLD-06")
    default void wildcardsOfOtherBrokers_areLiteral() {
        Messenger subscriber = connect();
        Messenger publisher = connect();
        for (String foreign : List.of("#", "+", "%", "[a-z]", "?", "(a|b)", "^a$", "$", "!", "@", "~", "{x}", "a\\d")) {
            String root = unique("orders");
            Collector collector = collector();
            subscriber.subscribe(root + "." + foreign, collector);

            for (String other : List.of(".a", ".b", ".a.b", ".ab", "")) {
                publish(publisher, root + other, List.of("must not match " + foreign));
            }
            publish(publisher, root + "." + foreign, List.of(foreign));
            fence(publisher, root + "." + foreign, collector);

            assertThat(collector.texts()).containsExactly(foreign);
        }
    }

    @Rule("WLD-07")
    default void wildcard_whereAMessageGoes_isRefused() {
        Messenger messenger = connect();
        String root = unique("orders");
        Collector collector = collector();
        messenger.subscribe(root + ".a", collector);

        for (String pattern : List.of(root + ".*", root + ".>", "*", ">", root + ".*.a")) {
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.publish(pattern, Message.of("to all")));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.request(pattern, Message.of("to all")));
        }
        fence(messenger, root + ".a", collector);
        assertThat(collector.texts()).isEmpty();
        assertThat(messenger.stats().requestsSent()).isZero();
    }

    @Rule("WLD-08")
    default void subject_thatIsNewToTheBroker_reachesAnOlderPattern() {
        if (patternsRefused()) {
            return;
        }
        String root = unique("orders");
        Collector collector = collector();
        connect().subscribe(root + ".>", collector);
        Messenger publisher = connect();
        List<String> bodies = bodies("order", repetitions(200));

        bodies.forEach(body -> publish(publisher, root + "." + body, List.of(body)));
        fence(publisher, root + ".last", collector);
        collector.await(bodies.size()); // there is no order among subjects

        assertThat(collector.texts()).containsExactlyInAnyOrderElementsOf(bodies);
    }

    @Rule("WLD-09")
    default void catchAll_seesNothingOfTheLibrarysOwn() {
        if (patternsRefused()) {
            return;
        }
        String url = isolatedUrl();
        Set<String> subjects = ConcurrentHashMap.newKeySet();
        Collector fences = collector();
        connectTo(url).subscribe(">", delivery -> {
            subjects.add(delivery.subject());
            fences.handle(delivery);
        });
        String asked = unique("price");
        connectTo(url).respond(asked, request -> {
            switch (request.text()) {
                case "refuse" -> throw new RemoteException("REFUSED", "on purpose");
                case "ignore" -> request.noReply();
                default -> {}
            }
            return Message.of("42");
        });
        Messenger requester = connectTo(url);

        get(requester.request(asked, Message.of("answer")).toCompletableFuture());
        assertFails(ErrorCode.REMOTE, requester.request(asked, Message.of("refuse")));
        assertFails(
                ErrorCode.TIMEOUT,
                requester.request(asked, Message.of("ignore"), RequestOptions.timeout(timing().silence())));
        requester.close();
        Messenger publisher = connectTo(url);
        publish(publisher, unique("orders"), List.of("order"));
        String last = unique("last");
        fence(publisher, last, fences);

        assertThat(subjects).allSatisfy(subject -> assertThat(subject).startsWith("conformance."));
        assertThat(subjects).contains(last);
    }

    @Rule("WLD-10")
    default void pattern_isRefusedOrWorksAsDeclared() {
        if (patternsRefused()) {
            return;
        }
        String root = unique("orders");
        Messenger messenger = connect();
        Collector collector = collector();
        Subscription subscription = messenger.subscribe(root + ".*", collector);

        publish(messenger, root + ".a", List.of("order"));
        fence(messenger, root + ".a", collector);
        subscription.close();
        publish(messenger, root + ".a", List.of("too late"));
        roundTrip(messenger);

        assertThat(subscription.subject()).isEqualTo(root + ".*");
        assertThat(collector.texts()).containsExactly("order");
    }
}
