package dev.antiphon.transport.nats;

import dev.antiphon.conformance.TransportConformance;
import dev.antiphon.conformance.TransportFixture;

class NatsConformanceTest extends TransportConformance {
    @Override
    protected TransportFixture openFixture() {
        return NatsFixture.plain();
    }
}
