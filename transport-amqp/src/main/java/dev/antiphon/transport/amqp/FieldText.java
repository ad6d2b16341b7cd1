package dev.antiphon.transport.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.LongString;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The value of a header that another program sent, as text: numbers in decimal, times as in ISO-8601, bytes as UTF-8 or
 * else in Base64, tables and arrays as JSON.
 */
final class FieldText {

    private FieldText() {}

    static String of(@Nullable Object value) {
        if (value instanceof LongString || value instanceof String) {
            return value.toString();
        }
        if (value == null) {
            return "";
        }
        if (value instanceof Map<?, ?> || value instanceof List<?>) {
            return json(value);
        }
        return scalar(value);
    }

    private static String scalar(Object value) {
        if (value instanceof byte[] bytes) {
            return text(bytes);
        }
        if (value instanceof Date date) {
            return date.toInstant().toString();
        }
        return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
    }

    private static String text(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException binary) {
            return Base64.getEncoder().encodeToString(bytes);
        }
    }

    private static String json(@Nullable Object value) {
        if (value instanceof Map<?, ?> table) {
            StringJoiner members = new StringJoiner(",", "{", "}");
            table.forEach((name, member) -> members.add(quoted(String.valueOf(name)) + ":" + json(member)));
            return members.toString();
        }
        if (value instanceof List<?> array) {
            StringJoiner elements = new StringJoiner(",", "[", "]");
            array.forEach(element -> elements.add(json(element)));
            return elements.toString();
        }
        boolean bare = value == null || value instanceof Boolean || value instanceof Number;
        return bare
                ? value instanceof BigDecimal number ? number.toPlainString() : String.valueOf(value)
                : quoted(of(value));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
