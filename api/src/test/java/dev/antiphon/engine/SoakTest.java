package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.MessengerStats;
import dev.antiphon.RequestOptions;
import dev.antiphon.spi.CorrelationId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What many requests leave behind. */
class SoakTest {

    private static final int REQUESTS = 1_000_000;
    private static final RequestOptions LONG = RequestOptions.timeout(Duration.ofMinutes(5));
    private static final Message REPLY = Message.of("reply");

    @Test
    void requests_millionAnsweredWithALongTimeout_leaveNothing() {
        Setup setup = new Setup();
        setup.transport.onRequest = sent -> {
            sent.confirm();
            sent.reply(REPLY);
        };
        try (Engine engine = setup.start()) {
            makeRequests(engine, 50_000); // fills the tombstones and warms up
            long before = usedHeap();

            makeRequests(engine, REQUESTS);

            MessengerStats stats = engine.stats();
            assertThat(stats.repliesReceived()).isEqualTo(REQUESTS + 50_000);
            assertThat(stats.inFlight()).isZero();
            assertThat(stats.timersArmed()).isZero();
            assertThat(stats.permitsInUse()).isZero();
            assertThat(stats.callsLeaked()).isZero();
            assertThat(usedHeap() - before).as("growth of the heap in bytes").isLessThan(4L << 20);
        }
    }

    @Test
    void requests_tenThousandInFlight_eachGetsItsReply() {
        try (Engine engine = Engine.start(10_000)) {
            List<Call> calls = IntStream.range(0, 10_000)
                    .mapToObj(i -> engine.request(LONG))
                    .toList();
            assertThat(engine.stats().inFlight()).isEqualTo(10_000);
            assertThat(engine.stats().consistent()).isTrue();

            List<SentRequest> sent = new ArrayList<>(engine.transport.requests);
            Collections.shuffle(sent, new Random(5));
            sent.forEach(request -> request.reply(CorrelationId.toText(request.correlationId())));

            assertThat(calls).allSatisfy(call -> assertThat(call.join().text()).isEqualTo(call.id()));
            assertThat(engine.stats().inFlight()).isZero();
            assertThat(engine.stats().consistent()).isTrue();
        }
    }

    private static void makeRequests(Engine engine, int count) {
        for (int i = 0; i < count; i++) {
            if (!engine.request(LONG).join().equals(REPLY)) {
                throw new AssertionError("another reply");
            }
        }
    }

    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
