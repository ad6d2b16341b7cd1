package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TestCertificatesTest {
    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1"})
    void trusting_acceptsTheServer(String host) throws Exception {
        assertThat(handshake(TestCertificates.trusting(), host, false)).isEqualTo("CN=localhost");
    }

    @Test
    void trustingOther_refusesTheServer() {
        assertThatThrownBy(() -> handshake(TestCertificates.trustingOther(), "localhost", false))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void clientCertificate_isWantedFromOurAuthority() throws Exception {
        assertThat(handshake(TestCertificates.withClientCertificate(), "localhost", true))
                .isEqualTo("CN=localhost");
        List<SSLContext> refused = List.of(TestCertificates.trusting(), TestCertificates.withOtherClientCertificate());
        assertThat(refused)
                .allSatisfy(context -> assertThatThrownBy(() -> handshake(context, "localhost", true))
                        .isInstanceOf(IOException.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca", "other-ca", "server", "wrong-host", "client", "other-client"})
    void certificates_areValidFor100Years(String name) throws Exception {
        try (InputStream pem =
                TestCertificates.class.getResourceAsStream("/dev/antiphon/conformance/tls/" + name + ".pem")) {
            X509Certificate certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
            assertThat(certificate.getNotBefore()).isEqualTo(Instant.parse("2020-01-01T00:00:00Z"));
            assertThat(certificate.getNotAfter()).isEqualTo(Instant.parse("2120-01-01T00:00:00Z"));
        }
    }

    @Test
    void unpack_writesFilesThatGoWithTheInstance() throws Exception {
        TestCertificates certificates = TestCertificates.unpack();
        List<Path> pems = List.of(
                certificates.authority(),
                certificates.otherAuthority(),
                certificates.server(),
                certificates.serverKey(),
                certificates.client(),
                certificates.clientKey());
        assertThat(pems).allSatisfy(file -> assertThat(file).content().startsWith("-----BEGIN "));
        assertThat(entry(certificates.trustStore()).isCertificateEntry("ca")).isTrue();
        assertThat(entry(certificates.otherTrustStore()).isCertificateEntry("other-ca"))
                .isTrue();
        assertThat(entry(certificates.clientKeyStore()).isKeyEntry("client")).isTrue();
        assertThat(entry(certificates.otherClientKeyStore()).isKeyEntry("other-client"))
                .isTrue();

        certificates.close();
        assertThat(certificates.directory()).doesNotExist();
    }

    private static KeyStore entry(Path file) throws Exception {
        return KeyStore.getInstance(file.toFile(), TestCertificates.PASSWORD.toCharArray());
    }

    /** Whom the client saw, once the server has answered it. */
    private static String handshake(SSLContext client, String host, boolean needClient) throws Exception {
        try (SSLServerSocket listener = (SSLServerSocket) TestCertificates.forServer()
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener.setNeedClientAuth(needClient);
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> serveOne(listener));
            try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(host, listener.getLocalPort())) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.getOutputStream().write(1);
                if (socket.getInputStream().read() < 0) {
                    throw new IOException("no answer");
                }
                served.get();
                return socket.getSession().getPeerPrincipal().getName();
            }
        }
    }

    private static void serveOne(SSLServerSocket listener) {
        try (SSLSocket socket = (SSLSocket) listener.accept()) {
            socket.getOutputStream().write(socket.getInputStream().read());
        } catch (IOException e) {
            // The client was refused, or refused: it knows.
        }
    }
}
