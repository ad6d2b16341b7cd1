package dev.antiphon.cli;

import dev.antiphon.conformance.broker.KafkaBrokers;
import org.junit.jupiter.api.TestInfo;

class KafkaProcessesTest extends Processes {
    KafkaProcessesTest(TestInfo test) {
        super(KafkaBrokers.shared().url(), test);
    }
}
