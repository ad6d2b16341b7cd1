package dev.antiphon.transport.kafka;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/**
 * How large a record may be. A broker takes batches up to {@code message.max.bytes}, 1 048 588 unless it is configured otherwise, and
 * says no only after it was sent; so it is reckoned before, from above.
 */
final class RecordSize {

    /** What a broker takes by default. */
    static final int MAX_BATCH = 1_048_588;

    /** Room for headers of ours and the frame. */
    private static final int OVERHEAD = 8 * 1024;

    /** The largest body that is promised. */
    static final int MAX_BODY = MAX_BATCH - OVERHEAD;

    private static final int FRAME = 128;
    private static final int PER_HEADER = 12;

    private RecordSize() {}

    /** Not less than what a batch with nothing but this record has. */
    static long of(ProducerRecord<byte[], byte[]> record) {
        long size = FRAME + length(record.key()) + length(record.value());
        for (Header header : record.headers()) {
            size += PER_HEADER + 3L * header.key().length() + length(header.value());
        }
        return size;
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
