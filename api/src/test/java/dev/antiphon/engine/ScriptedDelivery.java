package dev.antiphon.engine;

import dev.antiphon.Message;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.ReplyAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A message for one of the engine's subscriptions, and the replies to it. */
final class ScriptedDelivery implements InboundMessage, ReplyAddress {

    private final String subject;
    private final Message message;
    private final boolean wantsReply;

    final BlockingQueue<SentMessage> replies = new LinkedBlockingQueue<>();
    final List<Settlement> settlements = new CopyOnWriteArrayList<>();

    ScriptedDelivery(String subject, Message message, boolean wantsReply) {
        this.subject = subject;
        this.message = message;
        this.wantsReply = wantsReply;
    }

    /** Waits for the next reply. */
    Message reply() {
        try {
            SentMessage reply = replies.poll(10, TimeUnit.SECONDS);
            if (reply == null) {
                throw new AssertionError("no reply to " + subject);
            }
            return reply.outbound().message();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String subject() {
        return subject;
    }

    @Override
    public Message message() {
        return message;
    }

    @Override
    public @Nullable ReplyAddress replyAddress() {
        return wantsReply ? this : null;
    }

    @Override
    public boolean settle(Settlement settlement) {
        settlements.add(settlement);
        return settlements.size() == 1;
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return nativeType.isInstance(this) ? Optional.of(nativeType.cast(this)) : Optional.empty();
    }

    @Override
    public String toString() {
        return "reply to " + subject;
    }
}
