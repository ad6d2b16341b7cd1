package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.Message;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.ReplyAddress;
import java.util.Optional;

/** An inbound message with another subject, content or reply address. */
record ForwardedInbound(InboundMessage sound, String subject, Message message, ReplyAddress replyAddress)
        implements InboundMessage {
    @Override
    public boolean settle(Settlement settlement) {
        return sound.settle(settlement);
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return sound.unwrap(nativeType);
    }
}
