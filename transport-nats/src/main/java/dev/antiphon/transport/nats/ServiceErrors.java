package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.spi.ControlHeaders;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;

/**
 * Translates error replies between Antiphon's headers and those of the NATS service convention, {@code
 * Nats-Service-Error} and {@code Nats-Service-Error-Code}, so that each side understands the other's errors.
 */
final class ServiceErrors {

    static final String MESSAGE = "Nats-Service-Error";
    static final String CODE = "Nats-Service-Error-Code";

    private ServiceErrors() {}

    /** What to add to an error reply of ours; nothing if it is none, or if the responder set these headers itself. */
    static Headers toService(Headers headers) {
        if (headers.isEmpty() || !headers.contains(ControlHeaders.ERROR) || headers.contains(MESSAGE)) {
            return Headers.EMPTY;
        }
        String error = headers.first(ControlHeaders.ERROR).orElse("");
        String message = decode(headers.first(ControlHeaders.ERROR_MESSAGE).orElse(error));
        String code = decode(headers.first(ControlHeaders.ERROR_CODE).orElse(error));
        return Headers.received(MESSAGE, printable(message.isEmpty() ? error : message), CODE, numeric(code));
    }

    /** The headers of a reply, with ours added if it is an error reply of the service convention only. */
    static Headers fromService(Headers headers) {
        if (headers.isEmpty() || headers.contains(ControlHeaders.ERROR)) {
            return headers;
        }
        if (!headers.contains(MESSAGE) && !headers.contains(CODE)) {
            return headers;
        }
        String code = headers.first(CODE).orElse("500");
        return error(headers, code, headers.first(MESSAGE).orElse("error " + code));
    }

    /** These headers, made those of an error reply. */
    static Headers error(Headers headers, String code, String message) {
        return headers.with(ControlHeaders.ERROR, ErrorCode.REMOTE.name())
                .with(ControlHeaders.ERROR_CODE, encode(code))
                .with(ControlHeaders.ERROR_MESSAGE, encode(message));
    }

    /** Clients of the convention expect a number, as HTTP has them. A code of the application's own stays what it is. */
    private static String numeric(String code) {
        return switch (code) {
            case "INVALID_ARGUMENT" -> "400";
            case "PERMISSION_DENIED" -> "403";
            case "NOT_FOUND" -> "404";
            case "TIMEOUT" -> "408";
            case "TOO_LARGE" -> "413";
            case "RESOURCE_EXHAUSTED" -> "429";
            case "INTERNAL", "REMOTE", "" -> "500";
            case "UNSUPPORTED" -> "501";
            case "UNAVAILABLE" -> "503";
            default -> printable(code);
        };
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    /** Lenient: what is no escape stands for itself. */
    private static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] raw = text.getBytes(UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(raw.length);
        for (int i = 0; i < raw.length; i++) {
            int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(raw[i + 2], 16);
            if (raw[i] == '%' && low >= 0) {
                decoded.write(high << 4 | low);
                i += 2;
            } else {
                decoded.write(raw[i]);
            }
        }
        return decoded.toString(UTF_8);
    }

    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?").trim();
    }
}
