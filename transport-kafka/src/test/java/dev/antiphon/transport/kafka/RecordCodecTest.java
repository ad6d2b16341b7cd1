package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class RecordCodecTest {
    private final ConsumerRecord<byte[], byte[]> record =
            new ConsumerRecord<>("topic", 0, 0, null, "body".getBytes(UTF_8));

    @Test
    void replyAddress_partitionAsFourBytes_isRead() {
        record.headers().add(RecordCodec.REPLY_TOPIC, "replies".getBytes(UTF_8));
        record.headers().add(RecordCodec.REPLY_PARTITION, new byte[] {0, 0, 1, 2});
        record.headers().add(RecordCodec.CORRELATION, new byte[] {-1, 0, 1});

        KafkaReplyAddress address = incoming(record).replyAddress();

        assertThat(address.topic()).isEqualTo("replies");
        assertThat(address.partition()).isEqualTo(258);
        assertThat(address.correlation()).containsExactly(-1, 0, 1);
    }

    @Test
    void replyAddress_partitionAsText_isRead() {
        record.headers().add(RecordCodec.REPLY_TOPIC, "replies".getBytes(UTF_8));
        record.headers().add(RecordCodec.REPLY_PARTITION, "12".getBytes(UTF_8));

        assertThat(incoming(record).replyAddress().partition()).isEqualTo(12);
    }

    @Test
    void replyAddress_nonsense_isAnyPartition() {
        record.headers().add(RecordCodec.REPLY_TOPIC, "replies".getBytes(UTF_8));
        for (byte[] partition : new byte[][] {{}, {1}, {-1, 0, 0, 0}, "x".getBytes(UTF_8), {0, 0, 0, 0, 1}}) {
            record.headers().remove(RecordCodec.REPLY_PARTITION);
            record.headers().add(RecordCodec.REPLY_PARTITION, partition);

            assertThat(incoming(record).replyAddress().partition()).isNull();
        }
    }

    @Test
    void replyAddress_inTheWordsOfSmallRye_isRead() {
        record.headers().add("REPLY_TOPIC", "replies".getBytes(UTF_8));
        record.headers().add("REPLY_PARTITION", new byte[] {0, 0, 0, 3});
        record.headers().add("REPLY_CORRELATION_ID", "id".getBytes(UTF_8));

        KafkaReplyAddress address = incoming(record).replyAddress();

        assertThat(address.topic()).isEqualTo("replies");
        assertThat(address.partition()).isEqualTo(3);
        var reply = RecordCodec.reply(address, Message.of("reply"));
        assertThat(reply.headers().lastHeader("REPLY_CORRELATION_ID").value()).isEqualTo("id".getBytes(UTF_8));
        assertThat(reply.headers().lastHeader(RecordCodec.CORRELATION)).isNull();
    }

    @Test
    void replyAddress_inBothWords_isThatOfSpring() {
        record.headers().add(RecordCodec.REPLY_TOPIC, "replies".getBytes(UTF_8));
        record.headers().add("REPLY_TOPIC", "elsewhere".getBytes(UTF_8));

        assertThat(incoming(record).replyAddress().topic()).isEqualTo("replies");
    }

    private static Incoming incoming(ConsumerRecord<byte[], byte[]> record) {
        return new Incoming(record, null);
    }

    @Test
    void replyAddress_noTopic_isNone() {
        assertThat(incoming(record).replyAddress()).isNull();
    }

    @Test
    void message_nullValues_areEmpty() {
        var tombstone = new ConsumerRecord<byte[], byte[]>("topic", 0, 0, null, null);
        tombstone.headers().add("name", null);

        assertThat(incoming(tombstone).message())
                .isEqualTo(Message.of(new byte[0]).withHeader("name", ""));
    }

    @Test
    void record_headerWithAMeaning_isRefused() {
        Message message = Message.empty().withHeader(RecordCodec.REPLY_TOPIC, "elsewhere");

        assertThatThrownBy(() -> RecordCodec.record("topic", null, message))
                .isInstanceOfSatisfying(
                        AntiphonException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }
}
