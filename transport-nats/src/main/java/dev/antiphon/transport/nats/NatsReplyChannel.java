package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The inbox of a messenger: one subscription to {@code _INBOX.<token>.*}. The last token of a request's reply address is
 * its correlation id, so a responder need not know anything. Replies are handed over on the reader's thread.
 */
final class NatsReplyChannel extends SubscribedInlet implements ReplyChannel {

    private final ReplyHandler handler;
    private final byte[] inbox;
    private volatile boolean closed;

    /** An inbox whose subjects begin with {@code prefix}, which ends with a dot. */
    NatsReplyChannel(NatsLink link, String prefix, ReplyHandler handler) {
        super(link, prefix + "*", null);
        this.handler = handler;
        this.inbox = prefix.getBytes(UTF_8);
    }

    @Override
    public void request(OutboundMessage message, long correlationId, SendCallback callback) {
        AntiphonException failure = closed
                ? link.failures().closed(message.subject())
                : link.outbox().request(message.subject(), inbox, correlationId, message.message());
        link.tell(callback, failure, message.subject());
    }

    @Override
    public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
        if (to instanceof NatsAddress request) {
            AntiphonException failure = closed
                    ? link.failures().closed(message.subject())
                    : link.outbox()
                            .reply(message.subject(), request.address(), inbox, correlationId, message.message());
            link.tell(callback, failure, message.subject());
        } else {
            callback.onFailed(NatsTransport.foreign(to));
        }
    }

    @Override
    public void receive(Frame frame) {
        if (!frame.hasIdAt(inbox.length)) {
            handler.onUnreadable(frame.subject().substring(inbox.length), reply(frame));
            return;
        }
        long correlationId = frame.idAt(inbox.length);
        if (frame.status() == HeaderBlock.NO_RESPONDERS) {
            handler.onNoResponders(correlationId);
        } else {
            handler.onReply(correlationId, reply(frame), wayBack(frame));
        }
    }

    private @Nullable ReplyAddress wayBack(Frame frame) {
        byte[] address = frame.replyTo();
        if (address == null || Subjects.isAcknowledgement(address)) {
            return null;
        }
        AntiphonException hostile = link.subjects().refuse(address, frame.subject());
        if (hostile != null) {
            link.events().error(hostile);
        }
        return hostile == null ? NatsAddress.of(address) : null;
    }

    private static Message reply(Frame frame) {
        HeaderBlock block;
        try {
            block = frame.headers();
        } catch (AntiphonException unreadable) {
            // The requester waits for this reply: better an error than its timeout.
            return Message.wrap(
                    frame.body(),
                    ServiceErrors.error(Headers.EMPTY, unreadable.code().name(), "the reply's headers can not be read"),
                    null);
        }
        Headers headers = block.status() >= 400
                ? ServiceErrors.error(block.headers(), Integer.toString(block.status()), block.description())
                : ServiceErrors.fromService(block.headers());
        return Message.wrap(frame.body(), headers, block.contentType());
    }

    @Override
    public CompletionStage<Void> close() {
        closed = true;
        return link.outside(leave());
    }

    @Override
    void whenDrained(Runnable callback) {
        callback.run(); // replies do not wait anywhere
    }
}
