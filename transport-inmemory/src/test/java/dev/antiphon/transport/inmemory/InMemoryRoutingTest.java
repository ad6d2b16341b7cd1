package dev.antiphon.transport.inmemory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.conformance.Recorder;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InMemoryRoutingTest {

    private final Fixture fixture = new Fixture();
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void request_whenNobodySubscribes_endsWithNoRespondersBeforeItReturns() {
        ReplyChannel channel = Fixture.openChannel(fixture.start(), recorder);
        channel.request(Fixture.message("nobody", "?"), 7, recorder);
        assertThat(recorder.calls()).containsExactly("no responders 7", "sent");
    }

    @Test
    void request_afterAResponderCameAndWent_followsTheSubscriptions() {
        Transport transport = fixture.start();
        ReplyChannel channel = Fixture.openChannel(transport, recorder);
        channel.request(Fixture.message("a.b", "1"), 1, recorder);
        TransportSubscription subscription = Fixture.subscribe(
                transport,
                "a.*",
                null,
                request -> transport.reply(request.replyAddress(), Fixture.message("a.b", "yes"), new Recorder()));
        channel.request(Fixture.message("a.b", "2"), 2, recorder);
        Fixture.await(subscription.stop());
        channel.request(Fixture.message("a.b", "3"), 3, recorder);
        assertThat(recorder.calls())
                .containsExactly("no responders 1", "sent", "reply 2 yes", "sent", "no responders 3", "sent");
    }

    @Test
    void publish_toAGroup_takesTurns() {
        Map<Integer, Integer> counts = new TreeMap<>();
        Transport transport = fixture.start();
        for (int i = 0; i < 4; i++) {
            int member = i;
            Fixture.subscribe(fixture.start(), "work", "g", m -> counts.merge(member, 1, Integer::sum));
        }
        for (int i = 0; i < 400; i++) {
            transport.publish(Fixture.message("work", "x"), recorder);
        }
        assertThat(counts).isEqualTo(Map.of(0, 100, 1, 100, 2, 100, 3, 100));
    }

    @Test
    void publish_whenPatternsOverlap_deliversOnceToEachGroupAndOnceToEachOther() {
        List<String> got = new ArrayList<>();
        Transport transport = fixture.start();
        Fixture.subscribe(transport, "a.b", "g", m -> got.add("g"));
        Fixture.subscribe(transport, "a.*", "g", m -> got.add("g"));
        Fixture.subscribe(transport, "a.>", "h", m -> got.add("h"));
        Fixture.subscribe(transport, ">", null, m -> got.add("all"));
        Fixture.subscribe(transport, "a.b", null, m -> got.add("exact"));
        Fixture.subscribe(transport, "a.c", null, m -> got.add("other"));
        transport.publish(Fixture.message("a.b", "x"), recorder);
        assertThat(got).containsExactlyInAnyOrder("g", "h", "all", "exact");
    }

    @Test
    void route_whenSubjectsNeverRepeat_keepsABoundedCache() {
        RoutingTable table = new RoutingTable();
        InMemoryTransport transport = (InMemoryTransport) fixture.start();
        InMemoryBroker broker = InMemoryBroker.acquire("bounded-cache");
        table.add(new InMemorySubscription(transport, broker, new SubscribeSpec("id.*", null, 1, false), m -> {}));
        for (int i = 0; i < 3 * RoutingTable.MAX_CACHED; i++) {
            table.route("id." + i);
            assertThat(table.cached()).isLessThanOrEqualTo(RoutingTable.MAX_CACHED);
        }
        broker.release();
    }
}
