package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import dev.antiphon.transport.kafka.PeerProcess.Role;
import java.time.Duration;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * What has to hold again and again, whoever comes, leaves or is killed. The build does it briefly; for long, with
 * {@code -Dantiphon.test.fresh=1000 -Dantiphon.test.soak=PT5M}.
 */
class KafkaSoakTest {
    private static final KafkaBroker BROKER =
            KafkaBrokers.open(KafkaFixture.withQuickConsumerGroups(KafkaConfig.plain()));
    private static final String GROUP = "workers";
    /** The load takes all processors there are: those who come during it may need longer to connect. */
    private static final String URL = BROKER.url() + "?connect-timeout=50s";

    private static final int FRESH = Integer.getInteger("antiphon.test.fresh", 30);
    private static final Duration SOAK = Duration.parse(System.getProperty("antiphon.test.soak", "PT15S"));
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /**
     * What a killed member held comes back when the broker sees its connection close, for which this is plenty on a busy machine. It is less
     * than any of the times after which it came back if the broker did not see that: its lock on a record lasts 30 seconds, the session of
     * a member of a share group 45.
     */
    private static final Duration SLOWEST = Duration.ofSeconds(5);

    private static final long PACE_MILLIS = 20;

    private final String subject = "soak." + UUID.randomUUID();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    @Test
    void firstRequest_ofEachFreshMessenger_isAnswered() {
        try (Messenger responder = Messenger.connect(URL)) {
            responder.respond(subject, Request::message);
            long longest = 0;
            for (int i = 0; i < FRESH; i++) {
                try (Messenger fresh = Messenger.connect(URL)) {
                    long begin = System.nanoTime();
                    String answer =
                            fresh.request(subject, Message.of("first")).join().text();
                    longest = Math.max(longest, System.nanoTime() - begin);
                    assertThat(answer).isEqualTo("first");
                }
            }
            System.out.printf(
                    "first requests of %d messengers: all answered, the slowest after %d ms%n",
                    FRESH, TimeUnit.NANOSECONDS.toMillis(longest));
        }
    }

    @Test
    void requests_whileOthersComeGoAndAreKilled_areAllAnswered() throws Exception {
        try (Messenger stays = Messenger.connect(URL);
                Messenger requester = Messenger.connect(URL);
                RequestLoad load = new RequestLoad(requester, subject)) {
            stays.respond(subject, Request::message, RespondOptions.queueGroup(GROUP));
            load.start();
            load.pass(100);
            AtomicInteger drained = new AtomicInteger();
            AtomicInteger killed = new AtomicInteger();
            long end = System.nanoTime() + SOAK.toNanos();
            CompletableFuture<Void> drains = again(end, () -> {
                joinAndDrain(load);
                drained.incrementAndGet();
            });
            CompletableFuture<Void> kills = again(end, () -> {
                startAndKill(killed.get() % 2 == 0 ? Role.RESPONDER : Role.REQUESTER, load);
                killed.incrementAndGet();
            });
            drains.get(SOAK.plus(LIMIT).toMillis(), TimeUnit.MILLISECONDS);
            kills.get(SOAK.plus(LIMIT).toMillis(), TimeUnit.MILLISECONDS);

            load.finish();
            System.out.printf(
                    "%d requests while %d members and requesters came and left and %d were killed: all answered, the slowest"
                            + " after %d ms%n",
                    load.answered(), drained.get(), killed.get(), load.longest().toMillis());
            assertThat(load.longest()).isLessThan(SLOWEST);
        }
    }

    /** Whoever wants an answer, and gets it, is not disturbed by those who do not live to get theirs. */
    private void startAndKill(Role role, RequestLoad load) throws Exception {
        CountDownLatch works = new CountDownLatch(role == Role.REQUESTER ? 20 : 0);
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        PeerProcess peer = PeerProcess.start(role, URL, subject, GROUP, said -> {
            if (said.equals("answered")) {
                works.countDown();
            } else {
                failures.add(said);
            }
        });
        try {
            assertThat(works.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
            load.pass(500);
        } finally {
            peer.kill();
        }
        assertThat(failures).isEmpty();
        load.pass(500);
    }

    private void joinAndDrain(RequestLoad load) throws Exception {
        try (Messenger messenger = Messenger.connect(URL)) {
            Subscription member = messenger.respond(subject, Request::message, RespondOptions.queueGroup(GROUP));
            assertThat(messenger.request(subject, Message.of("mine")).join().text())
                    .isEqualTo("mine");
            load.pass(200);
            assertThat(member.drain(LIMIT)
                            .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                            .complete())
                    .isTrue();
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    /** Does it again and again until that time, on a thread of its own. */
    private static CompletableFuture<Void> again(long end, Task task) {
        return CompletableFuture.runAsync(
                () -> {
                    while (System.nanoTime() - end < 0) {
                        try {
                            task.run();
                        } catch (Exception e) {
                            throw new CompletionException(e);
                        }
                    }
                },
                runnable -> new Thread(runnable, "soak").start());
    }

    @Test
    void lastResponder_killed_requestsSoonFailForWantOfOne() throws Exception {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        PeerProcess last = PeerProcess.start(Role.RESPONDER, URL, subject, GROUP, said -> {});
        try (Messenger requester = Messenger.connect(URL)) {
            assertThat(requester.request(subject, Message.of("?")).join().text())
                    .isEqualTo("?");
            last.kill();
            long begin = System.nanoTime();
            CompletableFuture<Duration> told = new CompletableFuture<>();
            clock.scheduleAtFixedRate(() -> ask(requester, begin, told), 0, PACE_MILLIS, TimeUnit.MILLISECONDS);
            Duration bound = told.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            System.out.printf(
                    "the last responder is killed: requests made after %d ms fail with NO_RESPONDERS%n",
                    bound.toMillis());
            assertThat(bound).isLessThan(Duration.ofMillis(1500));
        } finally {
            clock.shutdownNow();
            last.kill();
        }
    }

    /** One more request; tells when it was made, if it fails since nobody is there. */
    private void ask(Messenger requester, long begin, CompletableFuture<Duration> told) {
        Duration made = Duration.ofNanos(System.nanoTime() - begin);
        requester
                .request(subject, Message.of("?"), RequestOptions.timeout(LIMIT))
                .whenComplete((reply, failure) -> {
                    if (failure instanceof AntiphonException ours && ours.code() == ErrorCode.NO_RESPONDERS) {
                        told.complete(made);
                    }
                });
    }
}
