package dev.antiphon.transport.kafka;

import dev.antiphon.conformance.TransportConformance;
import dev.antiphon.conformance.TransportFixture;

class KafkaConsumerGroupConformanceTest extends TransportConformance {
    @Override
    protected TransportFixture openFixture() {
        return KafkaFixture.consumerGroups();
    }
}
