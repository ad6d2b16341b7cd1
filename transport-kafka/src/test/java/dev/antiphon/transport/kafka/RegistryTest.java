package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.transport.kafka.PresenceRecord.Kind;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegistryTest {
    private static final long EXPIRY_MILLIS = 300;
    private static final long EXPIRY = TimeUnit.MILLISECONDS.toNanos(EXPIRY_MILLIS);
    /** The clock passes zero soon after. */
    private static final long NOW = -1000;

    private final Registry registry = new Registry();

    private void tell(String id, Kind kind, long now, String... interests) {
        tell(id, kind, now, EXPIRY_MILLIS, -1, interests);
    }

    private void tell(String id, Kind kind, long now, long expiryMillis, int replyPartition, String... interests) {
        List<Interest> parsed = Stream.of(interests).map(Interest::parse).toList();
        registry.apply(new PresenceRecord(id, kind, expiryMillis, replyPartition, parsed, null), now);
    }

    private void readsReplies(String id, int partition) {
        tell(id, Kind.ALIVE, NOW, EXPIRY_MILLIS, partition);
    }

    private int members(String subject, @Nullable String group) {
        return registry.members(new Interest(SubjectPattern.of(subject), group));
    }

    // -- What is told --

    @Test
    void alive_tellsAll_andReplacesWhatWasTold() {
        tell("a", Kind.ALIVE, NOW, "orders", "jobs workers");
        assertThat(registry.serves("orders")).isTrue();
        assertThat(registry.isServedByGroup("orders")).isFalse();
        assertThat(registry.isServedByGroup("jobs")).isTrue();

        tell("a", Kind.ALIVE, NOW, "orders", "bills");

        assertThat(registry.serves("orders")).isTrue();
        assertThat(registry.serves("bills")).isTrue();
        assertThat(registry.serves("jobs")).isFalse();
        assertThat(registry.isServedByGroup("jobs")).isFalse();
    }

    @Test
    void patterns_serveWhatMatches() {
        tell("a", Kind.ALIVE, NOW, "orders.*.new", "jobs.> workers");

        assertThat(registry.serves("orders.eu.new")).isTrue();
        assertThat(registry.serves("orders.eu")).isFalse();
        assertThat(registry.isServedByGroup("jobs.a.b")).isTrue();

        tell("a", Kind.LEAVE, NOW, "jobs.> workers");

        assertThat(registry.serves("jobs.a.b")).isFalse();
    }

    @Test
    void interests_areCounted_eachIsGivenUpOnce() {
        tell("a", Kind.ALIVE, NOW, "jobs workers");
        tell("a", Kind.JOIN, NOW, "jobs workers");
        tell("b", Kind.ALIVE, NOW, "jobs workers", "jobs");
        assertThat(members("jobs", "workers")).isEqualTo(3);
        assertThat(members("jobs", "others")).isZero();
        assertThat(members("jobs", null)).isEqualTo(1);

        tell("a", Kind.LEAVE, NOW, "jobs workers");
        tell("b", Kind.GONE, NOW);

        assertThat(members("jobs", "workers")).isEqualTo(1);
        assertThat(registry.serves("jobs")).isTrue();

        tell("a", Kind.LEAVE, NOW, "jobs workers");

        assertThat(registry.serves("jobs")).isFalse();
    }

    @Test
    void wordsOfThoseWhoAreNotKnown_andLeavingWhatOneHasNot_changeNothing() {
        tell("a", Kind.JOIN, NOW, "orders");
        assertThat(registry.serves("orders")).isFalse();

        tell("b", Kind.ALIVE, NOW, "orders");
        tell("a", Kind.LEAVE, NOW, "orders");
        tell("b", Kind.LEAVE, NOW, "orders workers");
        tell("a", Kind.GONE, NOW);

        assertThat(registry.serves("orders")).isTrue();
        assertThat(members("orders", null)).isEqualTo(1);
    }

    // -- Expiry --

    @Test
    void expire_forgetsWhoWasSilentForTooLong_andNobodyElse() {
        tell("short", Kind.ALIVE, NOW, "orders", "jobs workers");
        tell("long", Kind.ALIVE, NOW, 2 * EXPIRY_MILLIS, -1, "orders");

        registry.expire(NOW + EXPIRY);
        assertThat(members("orders", null)).isEqualTo(2);

        registry.expire(NOW + EXPIRY + 1);
        assertThat(members("orders", null)).isEqualTo(1);
        assertThat(registry.serves("jobs")).isFalse();
        assertThat(registry.isServedByGroup("jobs")).isFalse();
        assertThat(registry.serves("orders")).isTrue();

        registry.expire(NOW + 2 * EXPIRY + 1);
        assertThat(registry.serves("orders")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = "GONE", mode = EnumSource.Mode.EXCLUDE)
    void expire_anyWordIsASignOfLife(Kind word) {
        tell("a", Kind.ALIVE, NOW, "orders");
        tell("a", word, NOW + EXPIRY, word == Kind.ALIVE ? new String[] {"orders"} : new String[0]);

        registry.expire(NOW + 2 * EXPIRY);
        assertThat(registry.serves("orders")).isTrue();

        registry.expire(NOW + 2 * EXPIRY + 1);
        assertThat(registry.serves("orders")).isFalse();
    }

    @Test
    void expire_whoComesBack_isServedAgain() {
        tell("a", Kind.ALIVE, NOW, "orders");
        registry.expire(NOW + EXPIRY + 1);
        tell("a", Kind.JOIN, NOW + EXPIRY + 1, "jobs");
        assertThat(registry.serves("jobs")).isFalse();

        tell("a", Kind.ALIVE, NOW + EXPIRY + 2, "orders", "jobs");
        registry.expire(NOW + 2 * EXPIRY);

        assertThat(registry.serves("orders")).isTrue();
        assertThat(members("jobs", null)).isEqualTo(1);
    }

    @Test
    void expire_theClockOverflows_isRightNevertheless() {
        long late = Long.MAX_VALUE - 1;
        tell("a", Kind.ALIVE, late, "orders");

        registry.expire(late + EXPIRY);
        assertThat(registry.serves("orders")).isTrue();

        registry.expire(late + EXPIRY + 1);
        assertThat(registry.serves("orders")).isFalse();
    }

    @Test
    void clear_forgetsAll() {
        tell("a", Kind.ALIVE, NOW, "orders");
        tell("b", Kind.ALIVE, NOW, "jobs.> workers");

        registry.clear();

        assertThat(registry.serves("orders")).isFalse();
        assertThat(registry.isServedByGroup("jobs.a")).isFalse();
    }

    // -- Partitions for replies --

    @Test
    void freeReplyPartition_allAreFree_isWhereItBegins() {
        for (int start : new int[] {0, 3, 4, 7, -1}) {
            assertThat(registry.freeReplyPartition(4, start)).isEqualTo(Math.floorMod(start, 4));
        }
    }

    @Test
    void freeReplyPartition_isTheNextThatFewestUse() {
        readsReplies("a", 1);
        readsReplies("b", 2);
        assertThat(registry.freeReplyPartition(4, 1)).isEqualTo(3);
        assertThat(registry.freeReplyPartition(3, 1)).isZero();

        readsReplies("c", 3);
        readsReplies("d", 0);
        readsReplies("e", 0);
        assertThat(registry.freeReplyPartition(4, 0)).isEqualTo(1);
        assertThat(registry.freeReplyPartition(4, 2)).isEqualTo(2);
    }

    @Test
    void freeReplyPartition_whoReadsNoneOrMovedOrIsGone_usesNone() {
        readsReplies("none", -1);
        readsReplies("beyond", 2);
        readsReplies("moved", 0);
        readsReplies("moved", 1);
        assertThat(registry.freeReplyPartition(2, 0)).isZero();
        assertThat(registry.freeReplyPartition(2, 1)).isZero();

        readsReplies("gone", 0);
        readsReplies("gone too", 0);
        assertThat(registry.freeReplyPartition(2, 0)).isEqualTo(1);

        tell("gone", Kind.GONE, NOW);
        tell("gone too", Kind.GONE, NOW);
        assertThat(registry.freeReplyPartition(2, 1)).isZero();

        registry.expire(NOW + EXPIRY + 1);
        assertThat(registry.freeReplyPartition(2, 1)).isEqualTo(1);
    }
}
