package dev.antiphon.transport.kafka;

import dev.antiphon.conformance.TransportConformance;
import dev.antiphon.conformance.TransportFixture;

class KafkaConformanceTest extends TransportConformance {
    @Override
    protected TransportFixture openFixture() {
        return KafkaFixture.with();
    }
}
