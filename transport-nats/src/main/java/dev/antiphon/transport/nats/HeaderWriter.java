package dev.antiphon.transport.nats;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Writes the headers of a message as NATS wants them; nothing at all if there are none. Not thread-safe. */
final class HeaderWriter implements BiConsumer<String, String> {

    private static final int KEEP = 4096;

    private final FrameBuffer block = new FrameBuffer(512);
    private boolean typed;

    /** Writes the headers of a message. */
    FrameBuffer write(Message message) {
        return write(message, Headers.EMPTY);
    }

    /** Writes the headers of a message, and some more. */
    FrameBuffer write(Message message, Headers more) {
        block.clear(KEEP);
        String contentType = message.contentType().orElse(null);
        if (contentType == null && message.headers().isEmpty()) {
            return block;
        }
        block.put("NATS/1.0").crlf();
        typed = contentType != null;
        message.headers().forEach(this);
        more.forEach(this);
        line(HeaderBlock.CONTENT_TYPE, contentType);
        return block.crlf();
    }

    /** One header; a content type that stands among the headers gives way to the message's own. */
    @Override
    public void accept(String name, String value) {
        if (!typed || !name.equalsIgnoreCase(HeaderBlock.CONTENT_TYPE)) {
            line(name, value);
        }
    }

    private void line(String name, @Nullable String value) {
        if (value != null) {
            block.put(name).put(':').put(' ').put(value).crlf();
        }
    }
}
