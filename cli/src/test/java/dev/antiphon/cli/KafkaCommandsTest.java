package dev.antiphon.cli;

import dev.antiphon.conformance.broker.KafkaBrokers;
import org.junit.jupiter.api.TestInfo;

class KafkaCommandsTest extends BrokerCommands {
    KafkaCommandsTest(TestInfo test) {
        super(KafkaBrokers.shared().url(), test);
    }
}
