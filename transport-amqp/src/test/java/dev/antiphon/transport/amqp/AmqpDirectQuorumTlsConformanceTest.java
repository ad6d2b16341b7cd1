package dev.antiphon.transport.amqp;

import dev.antiphon.conformance.TransportConformance;
import dev.antiphon.conformance.TransportFixture;

class AmqpDirectQuorumTlsConformanceTest extends TransportConformance {
    @Override
    protected TransportFixture openFixture() {
        return AmqpFixture.directQuorumTls();
    }
}
