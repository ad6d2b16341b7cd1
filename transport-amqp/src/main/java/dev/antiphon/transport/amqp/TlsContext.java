package dev.antiphon.transport.amqp;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.TransportConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Reads trust and key stores. */
final class TlsContext {

    private TlsContext() {}

    /**
     * The context that the options describe.
     *
     * @throws AntiphonException INVALID_ARGUMENT if a store can not be used
     */
    static SSLContext of(TransportConfig config) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(config), trust(config), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AntiphonException(ErrorCode.INVALID_ARGUMENT, "TLS can not be set up: " + e.getMessage(), e);
        }
    }

    private static TrustManager @Nullable [] trust(TransportConfig config) throws GeneralSecurityException {
        String path = config.text(AmqpOptions.TRUST_STORE).orElse(null);
        if (path == null) {
            return null;
        }
        char[] password = password(config, AmqpOptions.TRUST_STORE_PASSWORD);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(load(AmqpOptions.TRUST_STORE, path, password));
        return factory.getTrustManagers();
    }

    private static KeyManager @Nullable [] keys(TransportConfig config) throws GeneralSecurityException {
        String path = config.text(AmqpOptions.KEY_STORE).orElse(null);
        if (path == null) {
            return null;
        }
        char[] password = password(config, AmqpOptions.KEY_STORE_PASSWORD);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(load(AmqpOptions.KEY_STORE, path, password), password);
        return factory.getKeyManagers();
    }

    private static char[] password(TransportConfig config, String option) {
        return config.text(option).orElse("").toCharArray();
    }

    private static KeyStore load(String option, String path, char[] password) {
        try {
            byte[] content = Files.readAllBytes(Path.of(path));
            String begin = new String(content, 0, Math.min(content.length, 4096), StandardCharsets.ISO_8859_1);
            return begin.contains("-----BEGIN CERTIFICATE-----")
                    ? certificates(content)
                    : KeyStore.getInstance(Path.of(path).toFile(), password);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the file of the option " + option + " can not be used: " + path + "; check path and password",
                    e);
        }
    }

    private static KeyStore certificates(byte[] pem) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (Certificate certificate :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
            store.setCertificateEntry("certificate-" + number, certificate);
            number++;
        }
        return store;
    }
}
