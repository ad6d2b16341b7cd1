package dev.antiphon.transport.kafka;

import dev.antiphon.conformance.TlsConformance;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;

class KafkaTlsTest extends TlsConformance {
    @Override
    protected String tlsScheme() {
        return "kafka+ssl";
    }

    @Override
    protected String plainScheme() {
        return "kafka";
    }

    @Override
    protected BrokerControl open(Setup setup) {
        KafkaConfig plain = KafkaConfig.plain();
        return KafkaBrokers.open(
                switch (setup) {
                    case PLAIN -> plain;
                    case TLS -> plain.withTls();
                    case TLS_FOR_OTHER_HOST -> plain.withTlsForOtherHost();
                    case MUTUAL_TLS -> plain.withMutualTls();
                });
    }
}
