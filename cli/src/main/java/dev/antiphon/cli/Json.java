package dev.antiphon.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.antiphon.Message;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Objects as JSON, one on a line. */
final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A message: {@code body} if it is UTF-8 text, else {@code bodyBase64}; every header with all its values. */
    static Map<String, Object> message(String type, String subject, Message message) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", type);
        map.put("subject", subject);
        Map<String, Object> headers = new LinkedHashMap<>();
        message.headers()
                .names()
                .forEach(name -> headers.put(name, message.headers().all(name)));
        map.put("headers", headers);
        message.contentType().ifPresent(contentType -> map.put("contentType", contentType));
        try {
            map.put(
                    "body",
                    StandardCharsets.UTF_8.newDecoder().decode(message.buffer()).toString());
        } catch (CharacterCodingException notText) {
            ByteBuffer encoded = Base64.getEncoder().encode(message.buffer());
            map.put("bodyBase64", StandardCharsets.US_ASCII.decode(encoded).toString());
        }
        return map;
    }
}
