package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.TlsOptions;
import dev.antiphon.spi.TransportConfig.Address;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Asks at each address whether a broker is there, before the native clients do: those try again for long, whatever the reason, and
 * then say only that they had no answer. The question is Kafka's first one of every connection, which needs no user: what versions the
 * broker speaks.
 */
final class Probe {

    private static final short API_VERSIONS = 18;
    private static final int QUESTION = 1;
    /** What TLS begins an alert with, where Kafka has the length of a message. */
    private static final int TLS_ALERT = 0x15;

    /** What others are waited for when one broker has answered. */
    private static final long GRACE_MILLIS = 200;

    private final Settings settings;
    private final Supplier<Duration> limit;
    private final Executor executor;
    private final Set<Socket> trying = new HashSet<>();
    private boolean givenUp;

    /**
     * @param limit how long each address has for its answer
     * @param executor where each address is asked, at the same time
     */
    Probe(Settings settings, Supplier<Duration> limit, Executor executor) {
        this.settings = settings;
        this.limit = limit;
        this.executor = executor;
    }

    /** What came of asking at an address. */
    private record Answer(String address, @Nullable IOException failure) {}

    /**
     * The addresses at which brokers answer, as the native clients write them, but for those that take much longer than others. Blocks.
     *
     * @throws AntiphonException saying why none does
     */
    List<String> reachable() {
        if (settings.isTls()) {
            settings.tlsContext(); // what is wrong with the files is wrong for every address
        }
        boolean connectsOnly = settings.hasOwnSecurity();
        CompletableFuture<Void> first = new CompletableFuture<>();
        List<CompletableFuture<Answer>> asked = settings.config().addresses().stream()
                .map(address -> CompletableFuture.supplyAsync(() -> answer(address, connectsOnly, first), executor))
                .toList();
        CompletableFuture<Void> all = CompletableFuture.allOf(asked.toArray(new CompletableFuture<?>[0]));
        CompletableFuture.anyOf(first, all).join();
        all.completeOnTimeout(null, GRACE_MILLIS, TimeUnit.MILLISECONDS).join();
        List<Answer> answers = asked.stream()
                .filter(CompletableFuture::isDone)
                .map(CompletableFuture::join)
                .toList();
        closeAll();
        return reachable(answers);
    }

    private List<String> reachable(List<Answer> answers) {
        List<String> reachable = answers.stream()
                .filter(answer -> answer.failure() == null)
                .map(Answer::address)
                .toList();
        if (reachable.isEmpty()) {
            throw new AntiphonException(
                    ErrorCode.NOT_CONNECTED,
                    "can not connect to " + settings.config() + ": "
                            + answers.stream()
                                    .map(answer ->
                                            answer.address() + ": " + why(Objects.requireNonNull(answer.failure())))
                                    .collect(Collectors.joining("; ")),
                    answers.get(0).failure(),
                    false,
                    null,
                    null);
        }
        return reachable;
    }

    private Answer answer(Address address, boolean connectsOnly, CompletableFuture<Void> first) {
        String name = Settings.bootstrap(address);
        try {
            ask(address, connectsOnly);
            first.complete(null);
            return new Answer(name, null);
        } catch (IOException e) {
            return new Answer(name, e);
        }
    }

    /** Ends the attempts that are going on, and all to come. */
    synchronized void giveUp() {
        givenUp = true;
        closeAll();
    }

    private synchronized void closeAll() {
        trying.forEach(Probe::close);
    }

    private synchronized void begin(Socket socket) throws IOException {
        if (givenUp) {
            throw new IOException("the transport is being closed");
        }
        trying.add(socket);
    }

    private synchronized void end(Socket socket) {
        trying.remove(socket);
    }

    private void ask(Address address, boolean connectsOnly) throws IOException {
        int millis = Math.toIntExact(limit.get().toMillis());
        Socket socket = new Socket();
        try (socket) {
            begin(socket);
            socket.connect(new InetSocketAddress(address.host(), Settings.portOf(address)), millis);
            if (connectsOnly) {
                return;
            }
            socket.setSoTimeout(millis);
            if (settings.isTls()) {
                try (SSLSocket tls = tls(socket, address)) {
                    tls.startHandshake();
                    ask(tls);
                }
            } else {
                ask(socket);
            }
        } finally {
            end(socket);
        }
    }

    private SSLSocket tls(Socket socket, Address address) throws IOException {
        SSLSocket tls = (SSLSocket) settings.tlsContext()
                .getSocketFactory()
                .createSocket(socket, address.host(), Settings.portOf(address), true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(parameters);
        return tls;
    }

    private void ask(Socket socket) throws IOException {
        ByteBuffer question = ByteBuffer.allocate(14);
        question.putInt(10)
                .putShort(API_VERSIONS)
                .putShort((short) 0)
                .putInt(QUESTION)
                .putShort((short) -1);
        socket.getOutputStream().write(question.array());
        DataInputStream answer = new DataInputStream(socket.getInputStream());
        int begin = answer.readUnsignedByte();
        if (begin == TLS_ALERT && !settings.isTls()) {
            throw new IOException("it speaks TLS; write " + KafkaTransportProvider.TLS_SCHEME + ":// in the URL");
        }
        answer.readNBytes(3);
        if (begin != 0 || answer.readInt() != QUESTION) {
            throw new IOException("what listens there does not speak Kafka's protocol");
        }
    }

    private String why(IOException e) {
        String said = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (e instanceof SocketTimeoutException) {
            return "no answer within " + limit.get();
        }
        if (e instanceof SSLException) {
            return said
                    + (isNoTls(e)
                            ? hint()
                            : ". Check the option " + TlsOptions.TRUST_STORE
                                    + ", and the name in the broker's certificate");
        }
        return e instanceof EOFException ? "it closed the connection" + (settings.isTls() ? "" : otherHint()) : said;
    }

    /** It did not understand the first message, or answered something else. */
    private static boolean isNoTls(IOException e) {
        return e.getCause() instanceof EOFException || !(e instanceof SSLHandshakeException);
    }

    private static String hint() {
        return ". If the broker does not speak TLS at this port, write kafka:// in the URL";
    }

    private static String otherHint() {
        return ". If the broker speaks TLS at this port, write " + KafkaTransportProvider.TLS_SCHEME + ":// in the URL";
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is of no use any more
        }
    }
}
