package dev.antiphon.transport.nats;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server says in a line that begins with {@code -ERR}. */
record ServerError(String text) {

    private static final Pattern SUBSCRIPTION =
            Pattern.compile("permissions violation for subscription to \"([^\"]*)\".*", Pattern.CASE_INSENSITIVE);
    private static final Pattern PUBLISH =
            Pattern.compile("permissions violation for publish to \"([^\"]*)\".*", Pattern.CASE_INSENSITIVE);

    /** Whether the server refuses the credentials, or does not accept them any longer. */
    boolean isAuthentication() {
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.contains("authorization violation") || lower.contains("authentication");
    }

    /** The subject that may not be subscribed to. */
    Optional<String> deniedSubscription() {
        return first(SUBSCRIPTION);
    }

    AntiphonException toException() {
        Optional<String> denied = deniedSubscription().or(() -> first(PUBLISH));
        ErrorCode code = isAuthentication()
                ? ErrorCode.AUTHENTICATION
                : denied.isPresent() ? ErrorCode.PERMISSION_DENIED : ErrorCode.CONNECTION_LOST;
        return new AntiphonException(code, "the server says: " + text, null, false, denied.orElse(null), null);
    }

    private Optional<String> first(Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
