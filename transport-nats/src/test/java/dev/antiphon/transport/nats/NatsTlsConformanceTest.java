package dev.antiphon.transport.nats;

import dev.antiphon.conformance.TransportConformance;
import dev.antiphon.conformance.TransportFixture;

class NatsTlsConformanceTest extends TransportConformance {
    @Override
    protected TransportFixture openFixture() {
        return NatsFixture.tls();
    }
}
