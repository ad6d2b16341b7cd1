package dev.antiphon.transport.kafka;

import dev.antiphon.conformance.broker.TestCertificates;
import java.util.Map;

/** How a plain client trusts the brokers of the tests. */
final class PlainTls {
    private static final TestCertificates FILES = TestCertificates.unpack();

    static final Map<String, String> PROPERTIES = Map.of(
            "security.protocol",
            "SSL",
            "ssl.truststore.type",
            "PKCS12",
            "ssl.truststore.location",
            FILES.trustStore().toString(),
            "ssl.truststore.password",
            TestCertificates.PASSWORD);

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(FILES::close, "remove-certificates"));
    }

    private PlainTls() {}
}
