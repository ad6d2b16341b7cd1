package dev.antiphon.conformance.broker;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Keys and certificates that are good for tests and for nothing else; the folder {@code tls} beside this package says how they were
 * made. Two authorities that know nothing of each other: ours, which signed the server and a client, and another one, which signed
 * another client.
 *
 * <p>An instance has them as files, in a temporary directory that {@link #close()} removes.
 */
public final class TestCertificates implements AutoCloseable {
    /** Opens each of the PKCS12 files. */
    public static final String PASSWORD = "changeit";

    private static final String FOLDER = "/dev/antiphon/conformance/tls/";

    private final TemporaryDirectory directory = TemporaryDirectory.create("test-certificates");

    private TestCertificates() {}

    /** Files to hand to programs and options that want a path. */
    public static TestCertificates unpack() {
        return new TestCertificates();
    }

    /** PEM: the certificate of our authority. */
    public Path authority() {
        return file("ca.pem");
    }

    /** PEM: the certificate of the other authority. */
    public Path otherAuthority() {
        return file("other-ca.pem");
    }

    /** PEM: the certificate of the server, for localhost and 127.0.0.1. */
    public Path server() {
        return file("server.pem");
    }

    /** PEM: the key of {@link #server()}. */
    public Path serverKey() {
        return file("server.key");
    }

    /** PEM: the certificate of a client, signed by our authority. */
    public Path client() {
        return file("client.pem");
    }

    /** PEM: the key of {@link #client()}. */
    public Path clientKey() {
        return file("client.key");
    }

    /** PKCS12: trusts our authority. */
    public Path trustStore() {
        return file("ca.p12");
    }

    /** PKCS12: trusts the other authority only. */
    public Path otherTrustStore() {
        return file("other-ca.p12");
    }

    /** PKCS12: key and certificate of a client, signed by our authority. */
    public Path clientKeyStore() {
        return file("client.p12");
    }

    /** PKCS12: key and certificate of a client, signed by the other authority. */
    public Path otherClientKeyStore() {
        return file("other-client.p12");
    }

    @Override
    public void close() {
        directory.close();
    }

    /** For a client that trusts our authority and shows no certificate. */
    public static SSLContext trusting() {
        return context("ca.p12", new KeyManager[0]);
    }

    /** For a client that trusts the other authority only. */
    public static SSLContext trustingOther() {
        return context("other-ca.p12", new KeyManager[0]);
    }

    /** For a client that trusts our authority and shows a certificate signed by it. */
    public static SSLContext withClientCertificate() {
        return context("ca.p12", keys("client.p12"));
    }

    /** For a client that trusts our authority and shows a certificate signed by the other one. */
    public static SSLContext withOtherClientCertificate() {
        return context("ca.p12", keys("other-client.p12"));
    }

    /** For a server with the certificate for localhost and 127.0.0.1. */
    public static SSLContext forServer() {
        return context("ca.p12", keys("server.p12"));
    }

    /** The content of a file of the folder. */
    static byte[] read(String name) {
        try (InputStream in = TestCertificates.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no test certificate " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path directory() {
        return directory.path();
    }

    private Path file(String name) {
        return directory.write(name, read(name));
    }

    private static SSLContext context(String trust, KeyManager[] keys) {
        try {
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(store(trust));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trusted.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot use the test certificate " + trust, e);
        }
    }

    private static KeyManager[] keys(String name) {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store(name), PASSWORD.toCharArray());
            return keys.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot use the test certificate " + name, e);
        }
    }

    private static KeyStore store(String name) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(read(name)), PASSWORD.toCharArray());
        return store;
    }
}
