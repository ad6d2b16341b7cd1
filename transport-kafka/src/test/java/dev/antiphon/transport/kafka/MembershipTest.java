package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static final long LATER = Membership.AGAIN_NANOS;

    private final Deque<String> consumers = new ArrayDeque<>(List.of("fails", "second"));
    private final Membership<String> membership = new Membership<>(() -> {
        String next = consumers.remove();
        if (next.equals("fails")) {
            throw new KafkaException("no address can be resolved");
        }
        return next;
    });

    @Test
    void isEnd_ofATopicThatIsNamed_isNone() {
        assertThat(Membership.isEnd(new TopicAuthorizationException("may not be seen")))
                .isTrue();
        assertThat(Membership.isEnd(new TopicAuthorizationException(Set.of("orders"))))
                .isFalse();
    }

    @Test
    void renewed_withoutAnEnd_isTheSame() {
        assertThat(membership.isDue(0)).isTrue();
        assertThat(membership.renewed("first", 0)).isEqualTo("first");
    }

    @Test
    void renewed_afterTheEnd_isTriedAWhileLaterUntilItWorks() {
        membership.end(0);
        assertThat(membership.isDue(LATER - 1)).isFalse();
        assertThat(membership.isDue(LATER)).isTrue();

        assertThatThrownBy(() -> membership.renewed("first", LATER)).isInstanceOf(KafkaException.class);
        assertThat(membership.isDue(2 * LATER - 1)).isFalse();
        assertThat(membership.isDue(2 * LATER)).isTrue();

        assertThat(membership.renewed("first", 2 * LATER)).isEqualTo("second");
        assertThat(membership.isDue(2 * LATER)).isTrue();
        assertThat(membership.renewed("second", 2 * LATER)).isEqualTo("second");
    }
}
