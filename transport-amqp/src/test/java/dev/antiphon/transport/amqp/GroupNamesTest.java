package dev.antiphon.transport.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GroupNamesTest {

    @Test
    void queue_isReadable() {
        assertThat(GroupNames.queue("antiphon", "workers", "orders.*")).isEqualTo("group:antiphon:workers:orders.*");
    }

    @Test
    void queue_ofDifferentGroups_isDifferent() {
        assertThat(GroupNames.queue("x", "a:b", "c")).isNotEqualTo(GroupNames.queue("x", "a", "b:c"));
        assertThat(GroupNames.queue("x:a", "b", "c")).isNotEqualTo(GroupNames.queue("x", "a:b", "c"));
        assertThat(GroupNames.queue("x", "a%3Ab", "c")).isNotEqualTo(GroupNames.queue("x", "a:b", "c"));
    }

    @Test
    void queue_ofLongNames_fitsAndIsDifferent() {
        String longest = "x".repeat(255);
        String unicode = "\u6f22".repeat(85);
        String first = GroupNames.queue("antiphon", longest, longest + "1");
        assertThat(first.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(255);
        assertThat(first).startsWith("group:antiphon:xxx");
        assertThat(GroupNames.queue("antiphon", longest, longest + "2")).isNotEqualTo(first);
        assertThat(GroupNames.queue("antiphon", unicode, unicode).getBytes(UTF_8))
                .hasSizeLessThanOrEqualTo(255);
        assertThat(GroupNames.queue("antiphon", longest, longest + "1")).isEqualTo(first);
    }
}
