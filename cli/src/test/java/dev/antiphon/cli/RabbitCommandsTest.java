package dev.antiphon.cli;

import dev.antiphon.conformance.broker.RabbitBrokers;
import org.junit.jupiter.api.TestInfo;

class RabbitCommandsTest extends BrokerCommands {
    RabbitCommandsTest(TestInfo test) {
        super(RabbitBrokers.shared().url(), test);
    }
}
