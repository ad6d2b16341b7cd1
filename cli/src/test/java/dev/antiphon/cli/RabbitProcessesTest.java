package dev.antiphon.cli;

import dev.antiphon.conformance.broker.RabbitBrokers;
import org.junit.jupiter.api.TestInfo;

class RabbitProcessesTest extends Processes {
    RabbitProcessesTest(TestInfo test) {
        super(RabbitBrokers.shared().url(), test);
    }
}
