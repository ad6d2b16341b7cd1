package dev.antiphon.cli;

import dev.antiphon.DrainReport;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerStats;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The main job from end to end, each step checked. */
final class Demo implements AutoCloseable {

    private static final int REQUESTS = 20_000;
    private static final int IN_FLIGHT = 500;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final DemoScreen screen;
    private final String url;
    private final String price;
    private final String slow;
    private final String nobody;
    private final Messenger requester;
    private final List<DemoMember> members = new ArrayList<>();

    Demo(DemoScreen screen, String url, String prefix) {
        this.screen = screen;
        this.url = url;
        price = prefix + ".price";
        slow = prefix + ".slow";
        nobody = prefix + ".nobody";
        requester = Messenger.connect(url);
    }

    /** Returns whether everything was as it should be. */
    boolean run() {
        screen.text("Antiphon demo on " + CommonOptions.shown(url));
        screen.heading("A queue group");
        step("three responders join one group", this::join);
        step("ask for the price of an apple", this::oneRequest);
        screen.heading("Many requests");
        step(Format.of("%,d requests, %d in flight", REQUESTS, IN_FLIGHT), this::manyRequests);
        screen.heading("Failures that say why");
        step("nobody serves the subject", this::noResponders);
        step("no answer within 250 ms", this::timeout);
        step("the responder refuses", this::errorReply);
        screen.heading("Leaving under load");
        step("bob drains with " + IN_FLIGHT + " in flight", this::drainUnderLoad);
        screen.heading("At the end");
        step("calls, timers and permits", this::selfCheck);
        screen.text("");
        screen.text(screen.allAsExpected() ? "Everything went as expected." : "Something did not go as expected.");
        return screen.allAsExpected();
    }

    private void step(String what, Consumer<String> action) {
        try {
            action.accept(what);
        } catch (RuntimeException e) {
            screen.check(what, false, Failures.of(e).getMessage());
        }
    }

    private void join(String what) {
        StringJoiner names = new StringJoiner(", ");
        for (String name : new String[] {"ada", "bob", "cyd"}) {
            members.add(new DemoMember(name, url, price));
            names.add(name);
        }
        screen.check(what, true, names.toString());
    }

    private void oneRequest(String what) {
        long start = System.nanoTime();
        Message reply = requester.request(price, Message.of("apple")).join();
        String seen = Format.of("\"%s\" after %s", reply.text(), Format.nanos(System.nanoTime() - start));
        screen.check(what, reply.text().startsWith("apple costs 42"), seen);
    }

    private void manyRequests(String what) {
        members.forEach(DemoMember::handled);
        AtomicLong left = new AtomicLong(REQUESTS);
        Tally tally = new Tally();
        load(tally, () -> left.getAndDecrement() > 0).join();
        tally.finish();
        screen.check(what, tally.answered() == REQUESTS, tally.throughputLine());
        screen.check("how long each took", true, tally.latencyLine());
        long sum = 0;
        boolean shared = true;
        StringJoiner seen = new StringJoiner(", ");
        for (DemoMember member : members) {
            long handled = member.handled();
            sum += handled;
            shared &= handled > 0;
            seen.add(Format.of("%s %,d", member, handled));
        }
        screen.check("each handled once, by one of three", sum == REQUESTS && shared, seen.toString());
    }

    private CompletableFuture<Void> load(Tally tally, BooleanSupplier more) {
        return new Load(requester, price, Message.of("pear"), RequestOptions.timeout(TIMEOUT), tally)
                .start(IN_FLIGHT, more);
    }

    private void noResponders(String what) {
        DemoFailure failed = DemoFailure.ask(requester, nobody, "anyone?", TIMEOUT);
        boolean atOnce = failed.nanos() < TIMEOUT.toNanos() / 2;
        screen.check(what, failed.hasCode(ErrorCode.NO_RESPONDERS) && atOnce, failed + "; its timeout was 5 s");
    }

    private void timeout(String what) {
        CompletableFuture<Message> late = new CompletableFuture<>();
        CompletableFuture<Message> present = CompletableFuture.completedFuture(Message.of("I am"));
        members.get(0).serve(slow, request -> request.text().equals("hurry") ? late : present);
        // The first request to a subject may take longer; the one that is to be answered late has to arrive in time.
        requester
                .request(slow, Message.of("are you there?"), RequestOptions.timeout(TIMEOUT))
                .join();
        DemoFailure failed = DemoFailure.ask(requester, slow, "hurry", Duration.ofMillis(250));
        screen.check(what, failed.hasCode(ErrorCode.TIMEOUT), failed.toString());
        late.complete(Message.of("sorry, here it is"));
        boolean counted = await(() -> requester.stats().lateReplies() == 1);
        screen.check("its late reply", counted, "recognized, counted and dropped");
    }

    private void errorReply(String what) {
        DemoFailure failed = DemoFailure.ask(requester, price, "unicorn", TIMEOUT);
        screen.check(what, failed.hasLabel("REMOTE OUT_OF_STOCK"), failed.toString());
    }

    private void drainUnderLoad(String what) {
        AtomicBoolean stop = new AtomicBoolean();
        Tally tally = new Tally();
        CompletableFuture<Void> load = load(tally, () -> !stop.get());
        try {
            await(() -> tally.ended() > REQUESTS / 4);
            DrainReport report = members.get(1).drain(TIMEOUT);
            String time = Format.nanos(report.elapsed().toNanos());
            screen.check(
                    what,
                    report.complete(),
                    Format.of("%s, %,d finished, %d abandoned", time, report.handled(), report.abandoned()));
            long then = tally.ended();
            await(() -> tally.ended() > then + REQUESTS / 4);
        } finally {
            stop.set(true);
            load.join();
        }
        tally.finish();
        screen.check(
                "requests before, during and after",
                tally.failed() == 0 && tally.answered() > 0,
                tally.throughputLine());
    }

    private void selfCheck(String what) {
        MessengerStats stats = requester.stats();
        String seen = Format.of(
                "%d, %d and %d left of %,d requests",
                stats.inFlight(), stats.timersArmed(), stats.permitsInUse(), stats.requestsSent());
        screen.check(what, stats.consistent() && stats.inFlight() == 0, seen);
    }

    private static boolean await(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                return false;
            }
            LockSupport.parkNanos(200_000);
        }
        return true;
    }

    @Override
    public void close() {
        requester.close();
        members.forEach(DemoMember::close);
    }
}
