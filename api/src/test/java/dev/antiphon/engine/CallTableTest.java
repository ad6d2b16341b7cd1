package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;

import dev.antiphon.DisconnectPolicy;
import dev.antiphon.Message;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CallTableTest {

    private final Requester requester = new RequesterFixture().requester;

    @Test
    void find_afterInsert_isTheCall() {
        CallTable table = new CallTable(16);
        PendingCall call = call();

        table.insert(call, () -> 77);

        assertThat(call.correlationId()).isEqualTo(77);
        assertThatObject(table.find(77)).isSameAs(call);
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void find_idWithTheSameSlot_isNull() {
        CallTable table = new CallTable(16);
        table.insert(call(), () -> 77);

        assertThatObject(table.find(77 + (1L << 32))).isNull();
        assertThatObject(table.find(77 + (1L << 20))).isNull();
        assertThatObject(table.find(78)).isNull();
    }

    @Test
    void insert_slotTaken_drawsAnotherId() {
        CallTable table = new CallTable(16);
        PendingCall first = call();
        PendingCall second = call();
        table.insert(first, () -> 5);
        PrimitiveIterator.OfLong ids =
                LongStream.of(5 + (1L << 40), 5 + (1L << 41), 6).iterator();

        table.insert(second, ids::nextLong);

        assertThat(second.correlationId()).isEqualTo(6);
        assertThatObject(table.find(5)).isSameAs(first);
        assertThatObject(table.find(6)).isSameAs(second);
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void remove_slotTakenByAnother_leavesTheOther() {
        CallTable table = new CallTable(16);
        PendingCall first = call();
        PendingCall second = call();
        table.insert(first, () -> 5);
        table.remove(first);
        table.insert(second, () -> 5 + (1L << 40));

        table.remove(first);

        assertThatObject(table.find(5 + (1L << 40))).isSameAs(second);
        assertThatObject(table.find(5)).isNull();
    }

    @Test
    void forEach_always_visitsEachOnce() {
        CallTable table = new CallTable(1000);
        CorrelationSequence ids = new CorrelationSequence(new SecureRandom());
        List<PendingCall> calls = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            calls.add(call());
            table.insert(calls.get(i), ids::next);
        }
        List<PendingCall> visited = new ArrayList<>();

        table.forEach(visited::add);

        assertThat(visited).containsExactlyInAnyOrderElementsOf(calls);
    }

    @Test
    void table_filledToItsLimitFromTwoThreadsAgainAndAgain_losesNothing() throws Exception {
        CallTable table = new CallTable(256);
        CorrelationSequence ids = new CorrelationSequence(new SecureRandom());
        for (int round = 0; round < 500; round++) {
            CompletableFuture<List<PendingCall>> other = Background.supply(() -> insertAndFind(table, ids, 128));
            List<PendingCall> mine = insertAndFind(table, ids, 128);
            List<PendingCall> others = other.get();
            assertThat(table.size()).isEqualTo(256);
            mine.forEach(table::remove);
            others.forEach(table::remove);
            assertThat(table.size()).isZero();
        }
    }

    private List<PendingCall> insertAndFind(CallTable table, CorrelationSequence ids, int count) {
        List<PendingCall> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PendingCall call = call();
            table.insert(call, ids::next);
            assertThatObject(table.find(call.correlationId())).isSameAs(call);
            calls.add(call);
        }
        return calls;
    }

    private PendingCall call() {
        return new PendingCall(requester, "subject", Message.empty(), 0, 0, DisconnectPolicy.FAIL);
    }
}
