package dev.antiphon.cli;

import dev.antiphon.conformance.broker.NatsBrokers;
import org.junit.jupiter.api.TestInfo;

class NatsProcessesTest extends Processes {
    NatsProcessesTest(TestInfo test) {
        super(NatsBrokers.shared().url(), test);
    }
}
