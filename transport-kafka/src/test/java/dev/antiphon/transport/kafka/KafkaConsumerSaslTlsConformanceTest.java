package dev.antiphon.transport.kafka;

import dev.antiphon.conformance.TransportConformance;
import dev.antiphon.conformance.TransportFixture;
import dev.antiphon.transport.kafka.KafkaFixture.Trait;

class KafkaConsumerSaslTlsConformanceTest extends TransportConformance {
    @Override
    protected TransportFixture openFixture() {
        return KafkaFixture.with(Trait.CONSUMER_GROUPS, Trait.SASL_TLS);
    }
}
