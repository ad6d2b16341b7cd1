package dev.antiphon.transport.kafka;

import java.security.KeyStore;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.jspecify.annotations.Nullable;

/**
 * Gives the native clients TLS from the context that the options of every transport describe, instead of from properties of Kafka's own.
 * Public because the native clients make it themselves; not for users.
 */
public final class TlsEngines implements SslEngineFactory {

    /** The property that carries the {@link SSLContext}, as an object. */
    static final String CONTEXT = "antiphon.tls.context";

    private @Nullable SSLContext context;

    /** For the native clients. */
    public TlsEngines() {}

    @Override
    public void configure(Map<String, ?> configs) {
        context = (SSLContext) configs.get(CONTEXT);
    }

    @Override
    public SSLEngine createClientSslEngine(String peerHost, int peerPort, String endpointIdentification) {
        SSLEngine engine = Objects.requireNonNull(context).createSSLEngine(peerHost, peerPort);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm(endpointIdentification);
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Never called: clients make no server's side. */
    @Override
    public SSLEngine createServerSslEngine(String peerHost, int peerPort) {
        throw new IllegalStateException("this is a client");
    }

    @Override
    public boolean shouldBeRebuilt(Map<String, Object> nextConfigs) {
        return false;
    }

    @Override
    public Set<String> reconfigurableConfigs() {
        return Set.of();
    }

    /** None that Kafka has to know. */
    @Override
    public @Nullable KeyStore keystore() {
        return null;
    }

    @Override
    public @Nullable KeyStore truststore() {
        return null;
    }

    @Override
    public void close() {
        context = null;
    }
}
