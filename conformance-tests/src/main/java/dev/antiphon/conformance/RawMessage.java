package dev.antiphon.conformance;

import dev.antiphon.Message;
import java.util.Optional;

/** A message as a {@link RawClient} received it. */
public interface RawMessage {
    /** The concrete subject. */
    String subject();

    /** Body and headers, those of the library included. */
    Message message();

    /** Whether it asks for a reply. */
    boolean asksForReply();

    /**
     * Where replies go, as {@link RawClient#publish} takes it for a subject: what is the same for all requests of a messenger and ends with
     * a dot, then the id of the request. Empty where the address is no such thing, or none is asked for.
     */
    Optional<String> replySubject();

    /** Replies; may be called several times and from any thread. When it returns, the broker has the reply. */
    void reply(Message reply);
}
