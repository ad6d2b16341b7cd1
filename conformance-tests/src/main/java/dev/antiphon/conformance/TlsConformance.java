package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerBuilder;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.TestCertificates;
import dev.antiphon.spi.TlsOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What TLS of a transport has to do: a transport that has it extends this class beside {@link TransportConformance}. Each test starts
 * brokers of its own.
 */
public abstract class TlsConformance {

    /** How a broker is set up, with the certificates of {@link TestCertificates}. */
    public enum Setup {
        /** Without TLS. */
        PLAIN,
        /** For localhost and 127.0.0.1. */
        TLS,
        /** With a certificate that is good but for another host. */
        TLS_FOR_OTHER_HOST,
        /** As {@link #TLS}, and clients must show a certificate of the same authority. */
        MUTUAL_TLS
    }

    /** A refusal is told at once; a client that goes on trying would take as long as its {@code connect-timeout}. */
    private static final Duration QUICK = Duration.ofSeconds(8);

    private static final Map<String, String> PATIENT = Map.of("connect-timeout", "15s");

    private final TestCertificates certificates = TestCertificates.unpack();

    /** For subclasses. */
    protected TlsConformance() {}

    /** The scheme of URLs with TLS, such as {@code amqps}. */
    protected abstract String tlsScheme();

    /** The scheme of URLs without. */
    protected abstract String plainScheme();

    /** Starts a broker. */
    protected abstract BrokerControl open(Setup setup);

    @AfterEach
    void removeCertificates() {
        certificates.close();
    }

    @Test
    void request_overTls_isAnsweredAndTheCloseIsQuick() {
        try (BrokerControl broker = open(Setup.TLS)) {
            Messenger messenger =
                    trusting(url(broker), certificates.trustStore()).connect();
            messenger.respond("s", request -> request.message());
            String body = "x".repeat(100_000);
            assertThat(messenger.request("s", Message.of(body)).join().text()).isEqualTo(body);
            Stopwatch stopwatch = new Stopwatch();
            messenger.close();
            stopwatch.assertLessThan(Duration.ofMillis(900));
        }
    }

    @Test
    void connect_trustingAPemFileByHostName_works() {
        try (BrokerControl broker = open(Setup.TLS);
                Messenger messenger = Messenger.builder()
                        .url(url(broker).replace("127.0.0.1", "localhost"))
                        .option(TlsOptions.TRUST_STORE, certificates.authority().toString())
                        .connect()) {
            messenger.respond("s", request -> request.message());
            assertThat(messenger.request("s", Message.of("?")).join().text()).isEqualTo("?");
        }
    }

    @Test
    void connect_whenTheCertificateIsNotTrusted_failsWithTheReason() {
        try (BrokerControl broker = open(Setup.TLS)) {
            AntiphonException failure = refused(trusting(url(broker), certificates.otherTrustStore()));
            assertThat(failure).hasMessageContaining("certification path").hasCauseInstanceOf(SSLException.class);
        }
    }

    @Test
    void connect_whenTheCertificateIsForAnotherHost_fails() {
        try (BrokerControl broker = open(Setup.TLS_FOR_OTHER_HOST)) {
            assertThat(refused(trusting(url(broker), certificates.trustStore())))
                    .hasMessageContaining("No subject alternative");
        }
    }

    @Test
    void connect_whenTheBrokerWantsACertificate_needsARightOne() {
        try (BrokerControl broker = open(Setup.MUTUAL_TLS)) {
            showing(broker, certificates.clientKeyStore()).connect().close();
            refused(trusting(url(broker), certificates.trustStore()));
            refused(showing(broker, certificates.otherClientKeyStore()));
        }
    }

    @Test
    void connect_whenOneSideOnlySpeaksTls_saysWhatToDo() {
        try (BrokerControl broker = open(Setup.TLS)) {
            assertThat(refused(builder(at(broker, plainScheme())))).hasMessageContaining(tlsScheme() + "://");
        }
        try (BrokerControl broker = open(Setup.PLAIN)) {
            assertThat(refused(trusting(url(broker), certificates.trustStore())))
                    .hasMessageContaining(plainScheme() + "://");
        }
    }

    @Test
    void connect_withAStoreThatCanNotBeRead_saysWhich() {
        MessengerBuilder builder = trusting(tlsScheme() + "://127.0.0.1:1", certificates.trustStore())
                .option(TlsOptions.TRUST_STORE_PASSWORD, "wr0ng");
        AntiphonException failure = failureOf(builder);
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(failure).hasMessageContaining(TlsOptions.TRUST_STORE).hasMessageNotContaining("wr0ng");
    }

    private static AntiphonException refused(MessengerBuilder builder) {
        Stopwatch stopwatch = new Stopwatch();
        AntiphonException failure = failureOf(builder);
        assertThat(failure.code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        stopwatch.assertLessThan(QUICK);
        return failure;
    }

    private static AntiphonException failureOf(MessengerBuilder builder) {
        AntiphonException failure = catchThrowableOfType(
                AntiphonException.class, () -> builder.connect().close());
        assertThat(failure).as("why it does not connect").isNotNull();
        return failure;
    }

    private String url(BrokerControl broker) {
        return at(broker, tlsScheme());
    }

    private static String at(BrokerControl broker, String scheme) {
        return scheme
                + broker.url().substring(URI.create(broker.url()).getScheme().length());
    }

    private static MessengerBuilder builder(String url) {
        MessengerBuilder builder = Messenger.builder().url(url);
        PATIENT.forEach(builder::option);
        return builder;
    }

    private static MessengerBuilder trusting(String url, Path store) {
        return builder(url)
                .option(TlsOptions.TRUST_STORE, store.toString())
                .option(TlsOptions.TRUST_STORE_PASSWORD, TestCertificates.PASSWORD);
    }

    private MessengerBuilder showing(BrokerControl broker, Path keyStore) {
        return trusting(url(broker), certificates.trustStore())
                .option(TlsOptions.KEY_STORE, keyStore.toString())
                .option(TlsOptions.KEY_STORE_PASSWORD, TestCertificates.PASSWORD);
    }
}
