package dev.antiphon.spi;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The options for TLS, the same for every transport, and what they describe. */
public final class TlsOptions {

    /** Whose certificates are trusted: a file. */
    public static final String TRUST_STORE = "trust-store";

    /** The password of the trust store. */
    public static final String TRUST_STORE_PASSWORD = "trust-store-password";

    /** The certificate to show, and its key: a file. */
    public static final String KEY_STORE = "key-store";

    /** The password of the key store and of the key. */
    public static final String KEY_STORE_PASSWORD = "key-store-password";

    private TlsOptions() {}

    /** For {@link TransportProvider#options()}. */
    public static List<TransportOption> all() {
        return List.of(
                TransportOption.path(
                        TRUST_STORE, "Whose certificates are trusted: PKCS12, JKS or PEM; the JVM's own if not set."),
                TransportOption.secret(TRUST_STORE_PASSWORD, "The password of the trust store."),
                TransportOption.path(KEY_STORE, "The certificate to show and its key: PKCS12 or JKS."),
                TransportOption.secret(KEY_STORE_PASSWORD, "The password of the key store and of the key in it."));
    }

    /** Adds a problem for each of these options that is set though the URL's scheme is not that of TLS. */
    public static void check(TransportConfig config, String tlsScheme, List<String> problems) {
        if (config.scheme().equals(tlsScheme)) {
            return;
        }
        for (String option : List.of(TRUST_STORE, KEY_STORE)) {
            if (config.text(option).isPresent()) {
                problems.add("the option " + option + " is for TLS; write " + tlsScheme + ":// in the URL");
            }
        }
    }

    /**
     * The context that the options describe. It does not check host names: whoever opens the socket has to ask for that.
     *
     * @throws AntiphonException INVALID_ARGUMENT if a store can not be used
     */
    public static SSLContext context(TransportConfig config) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(config), trust(config), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AntiphonException(ErrorCode.INVALID_ARGUMENT, "TLS can not be set up: " + e.getMessage(), e);
        }
    }

    private static TrustManager @Nullable [] trust(TransportConfig config) throws GeneralSecurityException {
        String path = config.text(TRUST_STORE).orElse(null);
        if (path == null) {
            return null;
        }
        char[] password = password(config, TRUST_STORE_PASSWORD);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(load(TRUST_STORE, path, password));
        return factory.getTrustManagers();
    }

    private static KeyManager @Nullable [] keys(TransportConfig config) throws GeneralSecurityException {
        String path = config.text(KEY_STORE).orElse(null);
        if (path == null) {
            return null;
        }
        char[] password = password(config, KEY_STORE_PASSWORD);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(load(KEY_STORE, path, password), password);
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
