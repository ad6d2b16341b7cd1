package dev.antiphon;

import java.util.ServiceLoader;

/**
 * Makes messengers. Implemented by the engine alone and found with {@link ServiceLoader}, so that this package need not
 * know the engine. Programs use {@link Messenger#builder()}.
 */
public interface MessengerFactory {

    /** Checks the options, connects and returns a messenger that is ready for requests. */
    Messenger connect(MessengerOptions options);

    /** The engine on the class path or module path. */
    static MessengerFactory installed() {
        return ServiceLoader.load(MessengerFactory.class, MessengerFactory.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new AntiphonException(
                        ErrorCode.INTERNAL,
                        "the engine is missing: META-INF/services/dev.antiphon.MessengerFactory of antiphon-api was "
                                + "lost, for instance when jars were merged without merging service files"));
    }
}
