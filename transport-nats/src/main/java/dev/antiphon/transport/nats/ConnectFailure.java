package dev.antiphon.transport.nats;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import io.nats.client.AuthenticationException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says why a first connection could not be made, from what the native client threw and what it told on the way. */
final class ConnectFailure {

    private ConnectFailure() {}

    /**
     * The failure of the start.
     *
     * @param target the addresses
     * @param thrown what ended the attempt, if anything did
     * @param collected what was heard during the attempt
     * @param refusal the server's refusal of the credentials, if it refused them
     */
    static AntiphonException of(
            String target, @Nullable Throwable thrown, List<Throwable> collected, @Nullable ServerError refusal) {
        if (thrown instanceof AntiphonException ours) {
            return ours;
        }
        Throwable cause = collected.isEmpty() ? thrown : collected.get(0);
        if (refusal != null || thrown instanceof AuthenticationException) {
            String said = refusal == null ? "" : " (" + refusal.text() + ")";
            return new AntiphonException(
                    ErrorCode.AUTHENTICATION,
                    target + " refuses the credentials" + said + "; check user, password, token or key",
                    cause);
        }
        AntiphonException failure =
                new AntiphonException(ErrorCode.NOT_CONNECTED, "can not connect to " + target + why(collected), cause);
        collected.stream().skip(1).forEach(failure::addSuppressed);
        return failure;
    }

    private static String why(List<Throwable> collected) {
        Set<String> reasons = new LinkedHashSet<>();
        for (Throwable cause : collected) {
            String message = cause.getMessage();
            reasons.add(message == null ? cause.getClass().getSimpleName() : message + hint(message));
        }
        return reasons.isEmpty() ? "" : ": " + String.join("; ", reasons);
    }

    private static String hint(String message) {
        return switch (message) {
            case "SSL required by server." -> " Write " + NatsTransportProvider.TLS_SCHEME + ":// in the URL";
            case "SSL connection wanted by client." -> " The server has no TLS: write nats:// in the URL";
            default -> "";
        };
    }
}
