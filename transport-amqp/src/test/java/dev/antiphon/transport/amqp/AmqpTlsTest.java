package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.conformance.broker.RabbitConfig;
import dev.antiphon.conformance.broker.TestCertificates;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AmqpTlsTest {

    private static final Duration QUICK = Duration.ofSeconds(8);

    private final TestCertificates certificates = TestCertificates.unpack();
    private final Links links = new Links();
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        links.close();
        certificates.close();
    }

    @Test
    void request_overTls_isAnsweredAndTheCloseIsQuick() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withTls())) {
            Transport transport = create(broker, trusting(certificates.trustStore()));
            Links.await(transport.start(recorder));
            Links.echo(transport, "s", null);
            ReplyChannel channel = Links.openChannel(transport, recorder);
            channel.request(Links.message("s", "x".repeat(100_000)), 1, Links.IGNORE);
            await().untilAsserted(() -> assertThat(recorder.calls).contains("reply 1 " + "x".repeat(100_000)));
            long begin = System.nanoTime();
            transport.close(Links.LIMIT);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(900));
        }
    }

    @Test
    void start_trustingAPemFileByHostName_connects() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withTls())) {
            Address byName = new Address("localhost", broker.address().getPort());
            Transport transport = links.create(
                    "amqps",
                    List.of(byName),
                    "",
                    null,
                    null,
                    Map.of("trust-store", certificates.authority().toString()));
            Links.await(transport.start(recorder));
        }
    }

    @Test
    void start_whenTheCertificateIsNotTrusted_failsWithTheReason() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withTls())) {
            AntiphonException failure = refused(create(broker, trusting(certificates.otherTrustStore())));
            assertThat(failure).hasMessageContaining("certification path").hasCauseInstanceOf(SSLException.class);
        }
    }

    @Test
    void start_whenTheCertificateIsForAnotherHost_fails() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withTlsForOtherHost())) {
            AntiphonException failure = refused(create(broker, trusting(certificates.trustStore())));
            assertThat(failure).hasMessageContaining("No subject alternative");
        }
    }

    @Test
    void start_whenTheServerWantsACertificate_needsARightOne() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withMutualTls())) {
            Map<String, String> trusting = trusting(certificates.trustStore());
            Links.await(create(broker, with(trusting, certificates.clientKeyStore()))
                    .start(recorder));
            refused(create(broker, trusting));
            refused(create(broker, with(trusting, certificates.otherClientKeyStore())));
        }
    }

    @Test
    void start_whenOneSideOnlySpeaksTls_saysWhatToDo() {
        try (RabbitBroker secured = RabbitBrokers.open(RabbitConfig.plain().withTls())) {
            AntiphonException plain = refused(links.create(secured.address(), Map.of("connect-timeout", "15s")));
            assertThat(plain).hasMessageContaining("amqps://");
        }
        AntiphonException tls = refused(create(RabbitBrokers.shared(), trusting(certificates.trustStore())));
        assertThat(tls).hasMessageContaining("amqp://");
    }

    @Test
    void start_withAStoreThatCanNotBeRead_saysWhich() {
        Map<String, String> options = new HashMap<>(trusting(certificates.trustStore()));
        options.put("trust-store-password", "wr0ng");
        AntiphonException failure =
                Links.failureOf(create(RabbitBrokers.shared(), options).start(recorder));
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(failure).hasMessageContaining("trust-store").hasMessageNotContaining("wr0ng");
    }

    private AntiphonException refused(Transport transport) {
        long begin = System.nanoTime();
        AntiphonException failure = Links.failureOf(transport.start(recorder));
        assertThat(failure.code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(QUICK);
        return failure;
    }

    private Transport create(RabbitBroker broker, Map<String, String> options) {
        return links.create("amqps", List.of(Links.address(broker.address())), "", null, null, options);
    }

    private static Map<String, String> trusting(Path store) {
        return Map.of(
                "trust-store",
                store.toString(),
                "trust-store-password",
                TestCertificates.PASSWORD,
                "connect-timeout",
                "15s");
    }

    private static Map<String, String> with(Map<String, String> options, Path keyStore) {
        Map<String, String> more = new HashMap<>(options);
        more.put("key-store", keyStore.toString());
        more.put("key-store-password", TestCertificates.PASSWORD);
        return more;
    }
}
