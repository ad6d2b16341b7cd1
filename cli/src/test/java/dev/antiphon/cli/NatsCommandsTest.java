package dev.antiphon.cli;

import dev.antiphon.conformance.broker.NatsBrokers;
import org.junit.jupiter.api.TestInfo;

class NatsCommandsTest extends BrokerCommands {
    NatsCommandsTest(TestInfo test) {
        super(NatsBrokers.shared().url(), test);
    }
}
