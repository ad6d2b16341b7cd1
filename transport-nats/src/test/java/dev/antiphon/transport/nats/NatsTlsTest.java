package dev.antiphon.transport.nats;

import dev.antiphon.conformance.TlsConformance;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.NatsConfig;

class NatsTlsTest extends TlsConformance {
    @Override
    protected String tlsScheme() {
        return "nats+tls";
    }

    @Override
    protected String plainScheme() {
        return "nats";
    }

    @Override
    protected BrokerControl open(Setup setup) {
        NatsConfig plain = NatsConfig.plain();
        return NatsBrokers.open(
                switch (setup) {
                    case PLAIN -> plain;
                    case TLS -> plain.withTls();
                    case TLS_FOR_OTHER_HOST -> plain.withTlsForOtherHost();
                    case MUTUAL_TLS -> plain.withMutualTls();
                });
    }
}
