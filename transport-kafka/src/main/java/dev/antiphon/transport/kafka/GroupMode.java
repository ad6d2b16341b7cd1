package dev.antiphon.transport.kafka;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a queue group is at the brokers. */
enum GroupMode {
    /** A share group (KIP-932): members share partitions, record by record. */
    SHARE(1),
    /** A consumer group whose brokers assign the partitions (KIP-848). */
    CONSUMER(8),
    /** A consumer group whose members assign the partitions. */
    CLASSIC(8);

    private final int partitions;

    GroupMode(int partitions) {
        this.partitions = partitions;
    }

    static Optional<GroupMode> of(String option) {
        return Stream.of(values()).filter(mode -> mode.option().equals(option)).findFirst();
    }

    String option() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** How many a topic has, unless told: where each belongs to one member, a topic of one has work for one only. */
    int partitions() {
        return partitions;
    }
}
