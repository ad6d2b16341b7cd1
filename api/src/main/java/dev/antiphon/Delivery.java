package dev.antiphon;

import java.util.Optional;

/** A message as a subscriber receives it. */
public interface Delivery {

    /** The concrete subject it was published to, also when the subscription is for a pattern. */
    String subject();

    /** Body, headers and content type. */
    Message message();

    /** Shorthand for {@code message().text()}. */
    default String text() {
        return message().text();
    }

    /** The message of the native client, such as {@code io.nats.client.Message}, if it is of this type. */
    <T> Optional<T> unwrap(Class<T> nativeType);
}
