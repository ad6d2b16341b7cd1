package dev.antiphon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A body of bytes with {@linkplain Headers headers} and an optional content type. Immutable and thread-safe.
 *
 * <p>{@link #of(byte[])} and {@link #bytes()} copy. {@link #wrap(byte[])} and {@link #sharedBytes()} do not: they are
 * for callers that hand an array over, or only read it.
 */
public final class Message {

    private static final Message EMPTY = new Message(new byte[0], Headers.EMPTY, null);

    private final byte[] body;
    private final Headers headers;
    private final @Nullable String contentType;

    private Message(byte[] body, Headers headers, @Nullable String contentType) {
        this.body = body;
        this.headers = headers;
        this.contentType = contentType;
    }

    /** A message with no body, no headers and no content type. */
    public static Message empty() {
        return EMPTY;
    }

    /** A message with this text as its body, in UTF-8. */
    public static Message of(String text) {
        return new Message(text.getBytes(UTF_8), Headers.EMPTY, null);
    }

    /** A message with a copy of these bytes as its body. */
    public static Message of(byte[] body) {
        return new Message(body.clone(), Headers.EMPTY, null);
    }

    /** A message over this very array, which nobody may change from now on. */
    public static Message wrap(byte[] body) {
        return new Message(body, Headers.EMPTY, null);
    }

    /** A message over this very array, which nobody may change from now on, with headers and content type. */
    public static Message wrap(byte[] body, Headers headers, @Nullable String contentType) {
        return new Message(body, headers, contentType);
    }

    /** This message with other headers. */
    public Message withHeaders(Headers newHeaders) {
        return new Message(body, newHeaders, contentType);
    }

    /** This message with one header set; earlier values of the name are replaced. */
    public Message withHeader(String name, String value) {
        return new Message(body, headers.with(name, value), contentType);
    }

    /**
     * This message with a content type such as {@code application/json}.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is not a legal header value
     */
    public Message withContentType(String newContentType) {
        Headers.of("content-type", newContentType);
        return new Message(body, headers, newContentType);
    }

    /** A copy of the body. */
    public byte[] bytes() {
        return body.clone();
    }

    /** The body itself, not a copy: do not change it. */
    public byte[] sharedBytes() {
        return body;
    }

    /** A read-only view of the body. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(body).asReadOnlyBuffer();
    }

    /** The body as UTF-8 text; malformed bytes become U+FFFD. */
    public String text() {
        return new String(body, UTF_8);
    }

    /** The length of the body in bytes. */
    public int size() {
        return body.length;
    }

    /** The headers. */
    public Headers headers() {
        return headers;
    }

    /** The first value of a header. */
    public Optional<String> header(String name) {
        return headers.first(name);
    }

    /** The content type, if the sender gave one. */
    public Optional<String> contentType() {
        return Optional.ofNullable(contentType);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Message that
                && Arrays.equals(body, that.body)
                && headers.equals(that.headers)
                && contentType().equals(that.contentType());
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(body) + headers.hashCode();
    }

    /** Sizes and header names; neither body nor header values, which may be secret. */
    @Override
    public String toString() {
        return "Message[" + body.length + " bytes, headers " + headers + (contentType == null ? "" : ", " + contentType)
                + "]";
    }
}
