package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerListener;
import dev.antiphon.MessengerStats;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.Subscription;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Rules about subscriptions: {@code SUB} in the specification. */
interface SubscribeRules extends Conformance {
    @Rule("SUB-01")
    default void subscribe_returned_nextMessageFromAnotherConnectionArrives() {
        Messenger subscriber = connect();
        Messenger publisher = connect();

        for (int round = 0; round < repetitions(100); round++) {
            String subject = unique("orders");
            Collector collector = collector();
            Subscription subscription = subscriber.subscribe(subject, collector);
            publish(publisher, subject, List.of("at once"));
            collector.await(1);
            subscription.close();
        }
    }

    @Rule("SUB-02")
    default void subscribers_several_eachGetsEverything() {
        String subject = unique("orders");
        List<Collector> collectors = Stream.generate(this::collector).limit(5).toList();
        collectors.forEach(collector -> connect().subscribe(subject, collector));
        Messenger publisher = connect();
        List<String> bodies = bodies("order", 100);

        publish(publisher, subject, bodies);
        fence(publisher, subject, collectors.toArray(Collector[]::new));

        assertThat(collectors)
                .allSatisfy(collector -> assertThat(collector.texts()).containsExactlyElementsOf(bodies));
    }

    @Rule("SUB-03")
    default void handler_subscribedTwice_getsEverythingTwice() {
        String subject = unique("orders");
        Collector collector = collector();
        Messenger subscriber = connect();
        List<Subscription> both =
                List.of(subscriber.subscribe(subject, collector), subscriber.subscribe(subject, collector));
        Messenger publisher = connect();

        publish(publisher, subject, List.of("order"));
        roundTrip(publisher);
        both.forEach(subscription -> get(subscription.drain(timing().signal())));

        assertThat(collector.texts()).containsExactly("order", "order");
    }

    @Rule("SUB-04")
    default void subscription_closed_othersGoOn() {
        String subject = unique("orders");
        Messenger subscriber = connect();
        Collector leaves = collector();
        Collector stays = collector();
        Subscription leaving = subscriber.subscribe(subject, leaves);
        Subscription staying = subscriber.subscribe(subject, stays);
        Messenger publisher = connect();

        publish(publisher, subject, List.of("before"));
        fence(publisher, subject, leaves, stays);
        leaving.close();
        publish(publisher, subject, List.of("after"));
        fence(publisher, subject, stays);

        assertThat(leaves.texts()).containsExactly("before");
        assertThat(stays.texts()).containsExactly("before", "after");
        assertThat(leaving.isActive()).isFalse();
        assertThat(staying.isActive()).isTrue();
    }

    @Rule("SUB-05")
    default void subscription_closedTwice_nothingHappens() {
        Messenger subscriber = connect();
        Subscription subscription = subscriber.subscribe(unique("orders"), collector());

        subscription.close();
        assertThatCode(subscription::close).doesNotThrowAnyException();
        get(subscription.drain(timing().signal()));
        subscriber.close();
        assertThatCode(subscription::close).doesNotThrowAnyException();
    }

    @Rule("SUB-06")
    default void subscription_closedByItsHandler_getsNoMore() {
        String subject = unique("orders");
        Messenger subscriber = connect();
        Collector collector = collector();
        CompletableFuture<Subscription> own = new CompletableFuture<>();
        own.complete(subscriber.subscribe(subject, delivery -> {
            collector.handle(delivery);
            own.join().close();
        }));
        Messenger publisher = connect();

        publish(publisher, subject, bodies("order", 10));
        roundTrip(publisher);
        get(own.join().drain(timing().signal()));

        assertThat(collector.texts()).containsExactly("order-0");
    }

    @Rule("SUB-07")
    default void subscription_closedAtOnce_leavesNoGhost() {
        String name = harness().connectionName();
        String subject = unique("orders");
        Messenger subscriber = connect(builder -> builder.name(name));
        var inspector = inspector();
        List<String> before =
                inspector.map(asked -> asked.subscribedSubjects(name)).orElse(List.of());
        Collector ghosts = collector();

        for (int i = 0; i < 100; i++) {
            subscriber.subscribe(subject, ghosts).close();
        }
        Messenger publisher = connect();
        publish(publisher, subject, List.of("boo"));
        roundTrip(publisher);

        inspector.ifPresent(asked -> eventually(
                "no subscription is left",
                () -> assertThat(asked.subscribedSubjects(name)).isEqualTo(before)));
        roundTrip(subscriber);
        assertThat(ghosts.texts()).isEmpty();
    }

    @Rule("SUB-08")
    default void subscribe_afterMessagesWereSent_getsNoneOfThem() {
        String subject = unique("orders");
        Messenger publisher = connect();
        Collector first = collector();
        connect().subscribe(subject, first);
        publish(publisher, subject, List.of("old"));
        fence(publisher, subject, first);

        Collector second = collector();
        connect().subscribe(subject, second);
        publish(publisher, subject, List.of("new"));
        fence(publisher, subject, second);

        assertThat(second.texts()).containsExactly("new");
    }

    @Rule("SUB-11")
    default void handler_thatThrows_isReportedAndGetsTheNextMessage() {
        String subject = unique("orders");
        List<AntiphonException> errors = new CopyOnWriteArrayList<>();
        Messenger subscriber = connect(builder -> builder.listener(new MessengerListener() {
            @Override
            public void onError(AntiphonException error) {
                errors.add(error);
            }
        }));
        Collector collector = collector();
        subscriber.subscribe(subject, delivery -> {
            switch (delivery.text()) {
                case "exception" -> throw new IllegalStateException("on purpose");
                case "checked" -> throw new IOException("on purpose");
                case "error" -> throw new AssertionError("on purpose");
                default -> collector.handle(delivery);
            }
        });
        Messenger publisher = connect();

        publish(publisher, subject, List.of("exception", "checked", "error", "good"));
        fence(publisher, subject, collector);

        assertThat(collector.texts()).containsExactly("good");
        eventually("the failures are reported", () -> assertThat(errors).hasSize(3));
        assertThat(errors).allSatisfy(error -> {
            assertThat(error.subject()).isEqualTo(subject);
            assertThat(error).hasRootCauseMessage("on purpose");
        });
    }

    @Rule("SUB-12")
    default void messenger_closed_itsSubscriptionsEnd() {
        String subject = unique("orders");
        Messenger publisher = connect();
        Messenger subscriber = connect();
        Collector collector = collector();
        Collector other = collector();
        Subscription subscription = subscriber.subscribe(subject, collector);
        connect().subscribe(subject, other);

        publish(publisher, subject, List.of("before"));
        fence(publisher, subject, collector, other);
        subscriber.close();
        publish(publisher, subject, List.of("after"));
        fence(publisher, subject, other);

        assertThat(subscription.isActive()).isFalse();
        assertThat(collector.texts()).containsExactly("before");
    }

    @Rule("SUB-13")
    default void subscription_closedWithMessagesQueued_countsWhatItDrops() {
        String subject = unique("orders");
        Gate gate = gate();
        Collector collector = collector();
        Messenger subscriber = connect();
        Subscription subscription = subscriber.subscribe(subject, delivery -> {
            gate.pass();
            collector.handle(delivery);
        });
        publish(connect(), subject, bodies("order", 10));
        eventually(
                "all have arrived",
                () -> assertThat(subscriber.stats().delivered()).isEqualTo(10));
        eventually(
                "the first is being handled", () -> assertThat(gate.arrived()).isEqualTo(1));

        subscription.close();
        gate.open();

        eventually(
                "the rest is dropped",
                () -> assertThat(subscriber.stats().dropped()).isEqualTo(9));
        assertThat(collector.texts()).containsExactly("order-0");
    }

    @Rule("SUB-14")
    default void handler_thatPublishesAndWaits_doesNotBlockItself() {
        String subject = unique("orders");
        String audit = unique("audit");
        Collector collector = collector();
        Messenger messenger = connect();
        messenger.subscribe(audit, collector);
        messenger.subscribe(subject, delivery -> {
            get(messenger.publish(audit, Message.of("saw " + delivery.text())));
            get(messenger.publish(audit, Message.of("done " + delivery.text())));
        });

        publish(messenger, subject, List.of("1", "2"));

        collector.await(4);
        assertThat(collector.texts()).containsExactly("saw 1", "done 1", "saw 2", "done 2");
    }

    @Rule("SUB-16")
    default void slowSubscriber_thatRejects_dropsAndSaysSoOncePerEpisode() {
        String subject = unique("orders");
        AtomicInteger episodes = new AtomicInteger();
        Messenger subscriber = connect(builder -> builder.listener(new MessengerListener() {
            @Override
            public void onSlowConsumer(String slow) {
                episodes.incrementAndGet();
            }
        }));
        AtomicInteger handled = new AtomicInteger();
        List<Gate> gates = List.of(gate(), gate());
        subscriber.subscribe(
                subject,
                delivery -> {
                    gates.get(delivery.text().startsWith("second") ? 1 : 0).pass();
                    handled.incrementAndGet();
                },
                SubscribeOptions.DEFAULTS.withQueueLimit(10).withOnOverload(OverloadPolicy.REJECT));
        Messenger publisher = connect();

        for (int episode = 1; episode <= 2; episode++) {
            publish(publisher, subject, bodies(episode == 1 ? "first" : "second", 100));
            int arrived = 100 * episode;
            eventually(
                    "all have arrived",
                    () -> assertThat(subscriber.stats().delivered()).isEqualTo(arrived));
            gates.get(episode - 1).open();
            eventually(
                    "each was handled or dropped",
                    () -> assertThat(handled.get() + subscriber.stats().dropped())
                            .isEqualTo(arrived));
            int expected = episode;
            eventually("it is reported", () -> assertThat(episodes).hasValue(expected));
        }
        assertThat(handled.get()).as("messages kept of twice 10").isBetween(18, 22);
    }

    @Rule("SUB-17")
    default void publisher_thatSubscribes_getsItsOwnMessages() {
        String subject = unique("orders");
        Collector collector = collector();
        Messenger messenger = connect();
        messenger.subscribe(subject, collector);

        publish(messenger, subject, bodies("own", 10));

        collector.await(10);
        fence(messenger, subject, collector);
        assertThat(collector.texts()).containsExactlyElementsOf(bodies("own", 10));
    }

    @Rule("SUB-18")
    default void subject_subscribedWithDifferentOptions_eachWorksByItself() {
        String subject = unique("orders");
        Messenger subscriber = connect();
        Collector plain = collector();
        Collector inline = collector();
        Collector patient = collector();
        subscriber.subscribe(subject, plain);
        subscriber.subscribe(subject, inline, SubscribeOptions.DEFAULTS.withSameThread(true));
        subscriber.subscribe(
                subject, patient, SubscribeOptions.DEFAULTS.withQueueLimit(1).withOnOverload(OverloadPolicy.WAIT));
        Messenger publisher = connect();

        publish(publisher, subject, bodies("order", 50));
        fence(publisher, subject, plain, inline, patient);

        assertThat(List.of(plain, inline, patient))
                .allSatisfy(collector -> assertThat(collector.texts()).containsExactlyElementsOf(bodies("order", 50)));
    }

    @Rule("SUB-19")
    default void subscriptions_toDifferentSubjects_areIndependent() {
        String first = unique("orders");
        String second = unique("bills");
        Messenger subscriber = connect();
        Collector orders = collector();
        Collector bills = collector();
        Subscription closing = subscriber.subscribe(first, orders);
        subscriber.subscribe(second, bills);
        Messenger publisher = connect();

        publish(publisher, first, List.of("order"));
        publish(publisher, second, List.of("bill"));
        fence(publisher, first, orders);
        fence(publisher, second, bills);
        closing.close();
        publish(publisher, second, List.of("another bill"));
        fence(publisher, second, bills);

        assertThat(orders.texts()).containsExactly("order");
        assertThat(bills.texts()).containsExactly("bill", "another bill");
    }

    @Rule("SUB-20")
    default void slowSubscriber_thatWaits_losesNothing() {
        String subject = unique("orders");
        Gate gate = gate();
        Collector collector = collector();
        Messenger subscriber = connect();
        subscriber.subscribe(
                subject,
                delivery -> {
                    gate.pass();
                    collector.handle(delivery);
                },
                SubscribeOptions.DEFAULTS.withQueueLimit(10).withOnOverload(OverloadPolicy.WAIT));
        Messenger publisher = connect();
        CompletableFuture<Void> published = Background.run(() -> publish(publisher, subject, bodies("order", 500)));

        eventually(
                "the queue is full",
                () -> assertThat(subscriber.stats().delivered()).isGreaterThanOrEqualTo(10));
        assertThat(subscriber.stats().handlersRunning()).isLessThanOrEqualTo(10);
        gate.open();

        collector.await(500);
        get(published);
        assertThat(collector.texts()).containsExactlyElementsOf(bodies("order", 500));
        assertThat(subscriber.stats()).extracting(MessengerStats::dropped).isEqualTo(0L);
    }

    @Rule("SUB-23")
    default void messages_ofOnePublisher_areHandledOneAtATime() {
        String subject = unique("orders");
        AtomicInteger running = new AtomicInteger();
        List<Integer> overlaps = new CopyOnWriteArrayList<>();
        Collector collector = collector();
        connect().subscribe(subject, delivery -> {
            overlaps.add(running.incrementAndGet());
            collector.handle(delivery);
            running.decrementAndGet();
        });
        List<Messenger> publishers = List.of(connect(), connect(), connect());

        publishers.forEach(publisher -> publish(publisher, subject, bodies("order", 300)));
        publishers.forEach(publisher -> fence(publisher, subject, collector));

        assertThat(overlaps).containsOnly(1);
        assertThat(collector.count()).isEqualTo(900);
    }
}
