package dev.antiphon.transport.amqp;

import dev.antiphon.conformance.TlsConformance;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.conformance.broker.RabbitConfig;

class AmqpTlsTest extends TlsConformance {
    @Override
    protected String tlsScheme() {
        return "amqps";
    }

    @Override
    protected String plainScheme() {
        return "amqp";
    }

    @Override
    protected BrokerControl open(Setup setup) {
        RabbitConfig plain = RabbitConfig.plain();
        return RabbitBrokers.open(
                switch (setup) {
                    case PLAIN -> plain;
                    case TLS -> plain.withTls();
                    case TLS_FOR_OTHER_HOST -> plain.withTlsForOtherHost();
                    case MUTUAL_TLS -> plain.withMutualTls();
                });
    }
}
