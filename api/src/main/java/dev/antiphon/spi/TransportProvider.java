package dev.antiphon.spi;

import dev.antiphon.AntiphonException;
import java.util.List;
import java.util.Set;

/** Makes the transports of one broker. Found with {@link java.util.ServiceLoader}; needs a public constructor. */
public interface TransportProvider {

    /** The name of the transport, such as {@code nats}. */
    String name();

    /** The URL schemes it serves, in lower case, such as {@code nats} and {@code nats+tls}. */
    Set<String> schemes();

    /** The options it understands in the URL's query or set by program. The engine refuses all others. */
    List<TransportOption> options();

    /** What it can do, as far as it is known without a broker. Does no I/O. */
    Capabilities capabilities();

    /**
     * Makes a transport. Does no I/O and starts no thread.
     *
     * @throws AntiphonException INVALID_ARGUMENT for options that make no sense together; a
     *     {@link dev.antiphon.ConfigurationException} if there are several problems
     */
    Transport create(TransportConfig config);
}
