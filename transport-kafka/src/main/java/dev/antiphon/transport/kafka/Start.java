package dev.antiphon.transport.kafka;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where subscribers begin, and groups that are new.
 *
 * @param spec as the brokers are asked for it; null where the partitions end
 */
record Start(@Nullable OffsetSpec spec) {

    static final Start NOW = new Start(null);

    private static final String EARLIEST = "earliest";

    /** As the option has it, if that makes sense. */
    static Optional<Start> of(String option) {
        if (option.equals("now")) {
            return Optional.of(NOW);
        }
        if (option.equals(EARLIEST)) {
            return Optional.of(new Start(OffsetSpec.earliest()));
        }
        try {
            long millis = OffsetDateTime.parse(option).toInstant().toEpochMilli();
            return Optional.of(new Start(OffsetSpec.forTimestamp(millis)));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    boolean isNow() {
        return spec == null;
    }

    /** That place in each partition; its end, if nothing is that new. */
    CompletableFuture<Map<TopicPartition, Long>> places(Topics topics, Collection<TopicPartition> partitions) {
        if (spec == null) {
            return topics.ends(partitions);
        }
        return topics.offsets(partitions, spec).thenCombine(topics.ends(partitions), (places, ends) -> {
            Map<TopicPartition, Long> all = new HashMap<>(ends);
            places.forEach((partition, place) -> {
                if (place >= 0) {
                    all.put(partition, place);
                }
            });
            return all;
        });
    }
}
