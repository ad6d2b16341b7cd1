package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TopicNamesTest {

    @Test
    void topicOf_lettersDigitsDotsHyphensUnderscores_isTheSubject() {
        assertThat(TopicNames.topicOf("orders.eu-1.new_ones")).isEqualTo("orders.eu-1.new_ones");
        assertThat(TopicNames.topicOf("orders_xml")).isEqualTo("orders_xml");
        assertThat(TopicNames.topicOf("_x2_")).isEqualTo("_x2_");
        assertThat(TopicNames.topicOf("x".repeat(249))).isEqualTo("x".repeat(249));
    }

    @Test
    void topicOf_anythingElse_isLegalAndTellsTheSubject() {
        for (String subject : List.of(
                "a#b",
                "größe",
                "漢字",
                "a_x23_b",
                "a_x5f_",
                "a__x5f_x5f_",
                "_x",
                "_x_",
                "a__xb",
                "orders_xml",
                "[a-z]+?$^{}()|\\",
                "~",
                "a:b/c")) {
            String topic = TopicNames.topicOf(subject);
            assertThat(topic).matches("[A-Za-z0-9._-]{1,249}");
            assertThat(TopicNames.subjectOf(topic)).isEqualTo(subject);
        }
    }

    @Test
    void topicOf_tooLong_isCutAndTellsSubjectsApart() {
        String first = "ü".repeat(120) + "a";
        String second = "ü".repeat(120) + "b";

        assertThat(TopicNames.topicOf(first)).hasSize(249).isNotEqualTo(TopicNames.topicOf(second));
        assertThat(TopicNames.isCut(TopicNames.topicOf(first))).isTrue();
        assertThat(TopicNames.subjectOf(TopicNames.topicOf(first))).isNull();
    }

    @Test
    void subjectOf_namesThatNoSubjectHas_isNull() {
        for (String topic : List.of(".", "..", "a..b", ".a", "a.")) {
            assertThat(TopicNames.subjectOf(topic)).isNull();
        }
    }
}
