package dev.antiphon.conformance;

import dev.antiphon.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program that uses the broker with its native means. Rules use it to see what is really on the wire, to prove that others can
 * talk to us, and to send what no honest program sends. Headers are sent as they are, unchecked
 * ({@link dev.antiphon.Headers#received}).
 */
public interface RawClient extends AutoCloseable {
    /** Sends a message. When it returns, the broker has it. */
    void publish(String subject, Message message);

    /** Calls {@code receiver} with each message, one at a time. When it returns, a message sent from now on arrives. */
    void subscribe(String subject, @Nullable String group, Consumer<RawMessage> receiver);

    /** Sends a request and waits for the first reply; empty if none comes in time or nobody serves the subject. */
    Optional<Message> request(String subject, Message message, Duration limit);

    @Override
    void close();
}
