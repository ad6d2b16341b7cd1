package dev.antiphon.transport.amqp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** TCP with TLS. The host name is checked against the certificate. Writing may block, so senders do not write. */
final class TlsWire implements Wire {

    private final SSLContext context;
    private final String host;
    private final Socket tcp = new Socket();
    private volatile @Nullable SSLSocket tls;
    private @Nullable InputStream input;
    private @Nullable OutputStream output;

    TlsWire(SSLContext context, String host) {
        this.context = context;
        this.host = host;
    }

    @Override
    public void connect(SocketAddress address, int timeoutMillis) throws IOException {
        tcp.setTcpNoDelay(true);
        tcp.connect(address, timeoutMillis);
        tcp.setSoTimeout(timeoutMillis);
        SSLSocket layered = (SSLSocket) context.getSocketFactory().createSocket(tcp, host, tcp.getPort(), true);
        SSLParameters parameters = layered.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        layered.setSSLParameters(parameters);
        layered.startHandshake();
        tcp.setSoTimeout(0);
        tls = layered;
        input = layered.getInputStream();
        output = layered.getOutputStream();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return Objects.requireNonNull(input).read(into, offset, length);
    }

    @Override
    public void readTimeout(int millis) throws IOException {
        SSLSocket open = tls;
        if (open != null) {
            open.setSoTimeout(millis);
        }
    }

    @Override
    public boolean neverBlocks() {
        return false;
    }

    @Override
    public int write(byte[] from, int offset, int length) throws IOException {
        OutputStream open = Objects.requireNonNull(output);
        open.write(from, offset, length);
        open.flush();
        return length;
    }

    @Override
    public void awaitWritable() {
        // a write takes everything
    }

    @Override
    public InetSocketAddress local() {
        return Addresses.of(tcp.getLocalSocketAddress());
    }

    @Override
    public InetSocketAddress remote() {
        return Addresses.of(tcp.getRemoteSocketAddress());
    }

    /** Without saying goodbye in TLS: that can block while a write does, and AMQP has said it. */
    @Override
    public void close() {
        Closing.quietly(tcp);
    }
}
