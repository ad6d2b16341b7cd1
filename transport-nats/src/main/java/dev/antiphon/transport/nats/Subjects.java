package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Which subjects are the business of NATS and its clients, not of programs. */
final class Subjects {

    private static final byte[] ACKNOWLEDGEMENT = "$JS.ACK.".getBytes(US_ASCII);

    private final byte[] inboxPrefix;

    /** Inboxes begin with this prefix; it ends with a dot. */
    Subjects(String inboxPrefix) {
        this.inboxPrefix = inboxPrefix.getBytes(UTF_8);
    }

    /** Whether a pattern takes subjects with any first token. */
    static boolean beginsWithWildcard(String pattern) {
        return pattern.equals(">") || pattern.equals("*") || pattern.startsWith("*.");
    }

    /** Whether a message is a reply to somebody, or internal traffic of the server. */
    boolean isInternal(Frame frame) {
        return frame.subjectStartsWith(inboxPrefix) || frame.subjectStartsWith(new byte[] {'$'});
    }

    /**
     * Where a message of a JetStream consumer wants to be acknowledged. That is not for replies, and no attack either:
     * the message just expects none.
     */
    static boolean isAcknowledgement(byte[] address) {
        return startsWith(address, ACKNOWLEDGEMENT);
    }

    /** Why nobody honest gives such a reply address, or null if it is fine. */
    @Nullable
    AntiphonException refuse(byte[] address, String subject) {
        if (isAcknowledgement(address)) {
            return null;
        }
        String why = null;
        if (address[0] == '$') {
            why = "it is internal to the server";
        } else if (hasBadToken(address)) {
            why = "it has an empty token or a wildcard";
        } else if (new String(address, UTF_8).equals(subject)) {
            why = "it is the subject of the request";
        }
        return why == null
                ? null
                : new AntiphonException(
                        ErrorCode.INVALID_ARGUMENT,
                        "a request will not be answered: its reply address is refused, " + why,
                        null,
                        false,
                        subject,
                        null);
    }

    private static boolean hasBadToken(byte[] address) {
        int tokenStart = 0;
        for (int i = 0; i <= address.length; i++) {
            if (i == address.length || address[i] == '.') {
                boolean wildcard = i - tokenStart == 1 && (address[tokenStart] == '*' || address[tokenStart] == '>');
                if (i == tokenStart || wildcard) {
                    return true;
                }
                tokenStart = i + 1;
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] bytes, byte[] prefix) {
        if (bytes.length < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (bytes[i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
