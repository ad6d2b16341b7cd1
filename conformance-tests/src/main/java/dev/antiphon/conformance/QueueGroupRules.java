package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.DrainReport;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.Subscription;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Rules about queue groups: {@code GRP} in the specification. */
interface QueueGroupRules extends Conformance {
    /** One member of a group, with a messenger of its own. */
    record Member(Messenger messenger, Subscription subscription, Collector collector) {}

    private Member join(String subject, String group) {
        Collector collector = collector();
        Messenger messenger = connect();
        Subscription subscription = messenger.subscribe(subject, collector, SubscribeOptions.queueGroup(group));
        return new Member(messenger, subscription, collector);
    }

    private List<Member> join(String subject, String group, int count) {
        return Stream.generate(() -> join(subject, group)).limit(count).toList();
    }

    /** Everything the members ever get: the publishers' messages are at the broker, and draining hands over what it had sent. */
    private List<String> drained(List<Member> members, Messenger... publishers) {
        for (Messenger publisher : publishers) {
            roundTrip(publisher);
        }
        members.forEach(member -> get(member.subscription().drain(timing().signal())));
        return members.stream()
                .flatMap(member -> member.collector().texts().stream())
                .toList();
    }

    /** Gives work until each member has had its part: a burst may go to who is awake first, a flow does not. */
    private void untilEachHasPart(Callable<Boolean> work) {
        Awaitility.await("each member has a part of the work")
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .atMost(timing().signal())
                .until(work);
    }

    private static int handled(List<Member> members) {
        return members.stream().mapToInt(member -> member.collector().count()).sum();
    }

    /** Whether groups are refused, as they must be where they are not declared. */
    private boolean groupsRefused() {
        if (supports(Capability.QUEUE_GROUP)) {
            return false;
        }
        String subject = unique("work");
        Messenger messenger = connect();
        Collector collector = collector();
        assertThrows(
                ErrorCode.UNSUPPORTED, () -> messenger.subscribe(subject, collector, SubscribeOptions.queueGroup("g")));
        assertThrows(
                ErrorCode.UNSUPPORTED,
                () -> messenger.respond(subject, request -> Message.empty(), RespondOptions.queueGroup("g")));
        publish(messenger, subject, List.of("nobody is here"));
        roundTrip(messenger);
        assertThat(collector.texts()).isEmpty();
        return true;
    }

    @Rule("GRP-01")
    default void group_ofSeveral_getsEachMessageOnceInTotal() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        List<Member> members = join(subject, "workers", 4);
        Messenger publisher = connect();

        publish(publisher, subject, bodies("job", 1000));

        assertEachOnce(drained(members, publisher), bodies("job", 1000));
    }

    @Rule("GRP-02")
    default void groups_ofDifferentNames_eachGetEverything() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        List<Member> first = join(subject, "first", 2);
        List<Member> second = join(subject, "second", 3);
        Messenger publisher = connect();

        publish(publisher, subject, bodies("job", 200));

        assertEachOnce(drained(first, publisher), bodies("job", 200));
        assertEachOnce(drained(second, publisher), bodies("job", 200));
    }

    @Rule("GRP-03")
    default void group_besideAPlainSubscriber_bothGetEverything() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        Collector observer = collector();
        connect().subscribe(subject, observer);
        List<Member> members = join(subject, "workers", 3);
        Messenger publisher = connect();

        publish(publisher, subject, bodies("job", 200));
        fence(publisher, subject, observer);
        observer.await(200); // where members have partitions of their own, there is no order on a group's subject

        assertThat(observer.texts()).containsExactlyInAnyOrderElementsOf(bodies("job", 200));
        assertEachOnce(drained(members, publisher), bodies("job", 200));
    }

    @Rule("GRP-05")
    default void member_drainingUnderLoad_losesNothing() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        List<Member> members = join(subject, "workers", 3);
        Messenger publisher = connect();
        List<DrainReport> reports = new ArrayList<>();

        for (int batch = 0; batch < 20; batch++) {
            publish(publisher, subject, bodies("job-" + batch, 250));
            if (batch == 5 || batch == 10) {
                Subscription leaving = members.get(batch / 5 - 1).subscription();
                var report = leaving.drain(timing().signal());
                publish(publisher, subject, bodies("job-while-leaving-" + batch, 250));
                reports.add(get(report));
            }
        }
        List<String> all = drained(members, publisher);

        List<String> sent = new ArrayList<>();
        IntStream.range(0, 20).forEach(batch -> sent.addAll(bodies("job-" + batch, 250)));
        List.of(5, 10).forEach(batch -> sent.addAll(bodies("job-while-leaving-" + batch, 250)));
        assertEachOnce(all, sent);
        assertThat(reports).allSatisfy(report -> assertThat(report.complete()).isTrue());
    }

    @Rule("GRP-06")
    default void member_thatDies_othersTakeOver() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        Gate gate = gate();
        AtomicInteger stuck = new AtomicInteger();
        Messenger dying = connect();
        dying.subscribe(
                subject,
                delivery -> {
                    stuck.incrementAndGet();
                    gate.pass();
                },
                SubscribeOptions.queueGroup("workers"));
        List<Member> survivors = join(subject, "workers", 2);
        Messenger publisher = connect();

        List<String> early = new ArrayList<>();
        untilEachHasPart(() -> {
            List<String> more = bodies("early-" + early.size(), 20);
            publish(publisher, subject, more);
            early.addAll(more);
            return stuck.get() > 0 && handled(survivors) > 0;
        });
        dying.close();
        publish(publisher, subject, bodies("late", 100));

        List<String> all = drained(survivors, publisher);
        assertThat(all).doesNotHaveDuplicates().containsAll(bodies("late", 100));
        if (supports(Capability.REDELIVERY)) {
            assertEachOnce(
                    all,
                    Stream.concat(early.stream(), bodies("late", 100).stream()).toList());
        } else {
            assertThat(all).hasSizeLessThan(early.size() + 100);
        }
    }

    @Rule("GRP-07")
    default void members_thatAreAlive_eachGetAFairShare() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        List<Member> members = join(subject, "workers", 3);
        Messenger publisher = connect();

        publish(publisher, subject, bodies("job", 3000));
        // Before any of them leaves: where members fetch, the last one would take what the others have not fetched yet.
        eventually(
                "all of it has arrived",
                () -> assertThat(members.stream()
                                .mapToInt(member -> member.collector().count())
                                .sum())
                        .isEqualTo(3000));

        assertThat(drained(members, publisher)).hasSize(3000);
        assertThat(members)
                .extracting(member -> member.collector().count())
                .as("of 3000 to three members")
                .allSatisfy(count -> assertThat(count).isGreaterThan(300));
    }

    @Rule("GRP-08")
    default void groups_ofTheSameNameOnDifferentSubjects_doNotInteract() {
        if (groupsRefused()) {
            return;
        }
        String orders = unique("orders");
        String bills = unique("bills");
        List<Member> first = join(orders, "workers", 2);
        List<Member> second = join(bills, "workers", 2);
        Messenger publisher = connect();

        publish(publisher, orders, bodies("order", 100));
        publish(publisher, bills, bodies("bill", 100));

        assertEachOnce(drained(first, publisher), bodies("order", 100));
        assertEachOnce(drained(second, publisher), bodies("bill", 100));
    }

    @Rule("GRP-09")
    default void member_joiningUnderLoad_takesItsShareAndNothingIsLost() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        List<Member> members = new ArrayList<>(join(subject, "workers", 1));
        Messenger publisher = connect();

        publish(publisher, subject, bodies("before", 500));
        members.add(join(subject, "workers"));
        publish(publisher, subject, bodies("after", 500));

        List<String> all = drained(members, publisher);
        assertEachOnce(
                all,
                Stream.concat(bodies("before", 500).stream(), bodies("after", 500).stream())
                        .toList());
        assertThat(members.get(1).collector().count())
                .as("what the new member got, of those from before perhaps, too")
                .isBetween(50, 950);
    }

    @Rule("GRP-10")
    default void group_shrinkingToOne_getsEveryMessageOnce() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        List<Member> members = join(subject, "workers", 12);
        Messenger publisher = connect();
        List<String> sent = new ArrayList<>();

        for (int leaving = 0; leaving < members.size(); leaving++) {
            List<String> bodies = bodies("while-" + leaving + "-have-left", 20);
            publish(publisher, subject, bodies);
            sent.addAll(bodies);
            if (leaving < members.size() - 1) {
                get(members.get(leaving).subscription().drain(timing().signal()));
            }
        }

        assertEachOnce(drained(members, publisher), sent);
        assertThat(members.get(11).collector().texts()).containsAll(bodies("while-11-have-left", 20));
    }

    @Rule("GRP-11")
    default void group_onAPattern_getsEachMessageOnceInTotal() {
        if (groupsRefused() || !supports(Capability.WILDCARD)) {
            return;
        }
        String root = unique("work");
        List<Member> members = join(root + ".*", "workers", 3);
        List<Member> tail = join(root + ".>", "workers-too", 2);
        Messenger publisher = connect();

        publish(publisher, root + ".red", bodies("red", 100));
        publish(publisher, root + ".green", bodies("green", 100));

        List<String> sent = Stream.concat(bodies("red", 100).stream(), bodies("green", 100).stream())
                .toList();
        assertEachOnce(drained(members, publisher), sent);
        assertEachOnce(drained(tail, publisher), sent);
    }

    @Rule("GRP-12")
    default void groupName_thatIsNotLegal_isRefused() {
        String subject = unique("work");
        Messenger messenger = connect();
        String tooLong = "g".repeat(capabilities().limits().maxSubjectBytes() + 1);

        for (String name : List.of("", " ", "a b", "a\tb", "a\r\nPING", "*", "a.>", "a..b", ".a", "a.", tooLong)) {
            assertThrows(
                    ErrorCode.INVALID_ARGUMENT,
                    () -> messenger.subscribe(subject, collector(), SubscribeOptions.queueGroup(name)));
            assertThrows(
                    ErrorCode.INVALID_ARGUMENT,
                    () -> messenger.respond(subject, request -> Message.empty(), RespondOptions.queueGroup(name)));
        }
        publish(messenger, subject, List.of("nobody is here"));
        roundTrip(messenger);
        assertThat(messenger.stats().delivered()).as("its own fence message").isEqualTo(1);
    }

    @Rule("GRP-13")
    default void group_ofResponders_handlesEachRequestOnceInTotal() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        List<AtomicInteger> handled =
                Stream.generate(AtomicInteger::new).limit(3).toList();
        handled.forEach(count -> connect()
                .respond(
                        subject,
                        request -> {
                            count.incrementAndGet();
                            return Message.of("done " + request.text());
                        },
                        RespondOptions.queueGroup("workers")));
        Messenger requester = connect();

        AtomicInteger asked = new AtomicInteger();
        untilEachHasPart(() -> {
            List<String> questions = bodies("job-" + asked.getAndAdd(60), 60);
            var calls = questions.stream()
                    .map(body -> requester.request(subject, Message.of(body)).thenApply(Message::text))
                    .toList();
            assertThat(calls.stream().map(call -> get(call.toCompletableFuture())))
                    .containsExactlyElementsOf(
                            questions.stream().map(body -> "done " + body).toList());
            return handled.stream().allMatch(count -> count.get() > 60 && count.get() > asked.get() / 10);
        });

        assertThat(handled.stream().mapToInt(AtomicInteger::get).sum()).isEqualTo(asked.get());
        assertThat(requester.stats().duplicateReplies()).as("duplicate replies").isZero();
    }

    @Rule("GRP-14")
    default void members_withinOneMessenger_areMembersLikeOthers() {
        if (groupsRefused()) {
            return;
        }
        String subject = unique("work");
        Messenger messenger = connect();
        List<Member> members = Stream.generate(this::collector)
                .limit(3)
                .map(collector -> new Member(
                        messenger,
                        messenger.subscribe(subject, collector, SubscribeOptions.queueGroup("workers")),
                        collector))
                .toList();
        Messenger publisher = connect();

        List<String> jobs = new ArrayList<>();
        untilEachHasPart(() -> {
            List<String> more = bodies("job-" + jobs.size(), 50);
            publish(publisher, subject, more);
            jobs.addAll(more);
            return members.stream()
                    .map(member -> member.collector().count())
                    .allMatch(count -> count > 30 && count > jobs.size() / 10);
        });

        assertEachOnce(drained(members, publisher), jobs);
    }
}
