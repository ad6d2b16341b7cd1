package dev.antiphon.transport.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.antiphon.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Headers as a table of the protocol, whose names are there once. A name with several values has them in an array; so a
 * single value looks to other programs as they would have written it.
 */
final class HeaderTable {

    /** Longer than the largest frame in the least favourable encoding: below that, nothing needs to be measured. */
    private static final int SMALL = 16 * 1024;

    private HeaderTable() {}

    /** The table of these headers, or null for none. */
    static @Nullable Map<String, Object> write(Headers headers) {
        if (headers.isEmpty()) {
            return null;
        }
        Map<String, Object> table = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, value) -> {
            MessageCodec.checkShort("name of a header", name);
            Object present = table.putIfAbsent(name, value);
            if (present instanceof String first) {
                table.put(name, new ArrayList<Object>(List.of(first, value)));
            } else if (present != null) {
                @SuppressWarnings("unchecked") // put there by the line above
                List<Object> values = (List<Object>) present;
                values.add(value);
            }
        });
        return table;
    }

    /** The headers of a message that was received, those for native properties included. */
    static Headers read(BasicProperties properties, boolean isReply) {
        Map<String, Object> table = properties.getHeaders();
        boolean plain = NativeHeaders.hasNone(properties, isReply);
        if (table == null || table.isEmpty()) {
            return plain
                    ? Headers.EMPTY
                    : Headers.received(NativeHeaders.of(properties, isReply).toArray(new String[0]));
        }
        if (plain && table.size() == 1) {
            Map.Entry<String, Object> only = table.entrySet().iterator().next();
            if (!(only.getValue() instanceof List<?>)) {
                return Headers.received(only.getKey(), FieldText.of(only.getValue()));
            }
        }
        List<String> pairs = plain ? new ArrayList<>(2 * table.size()) : NativeHeaders.of(properties, isReply);
        table.forEach((name, value) -> add(pairs, name, value));
        return Headers.received(pairs.toArray(new String[0]));
    }

    private static void add(List<String> pairs, String name, @Nullable Object value) {
        if (value instanceof List<?> values) {
            for (Object one : values) {
                pairs.add(name);
                pairs.add(FieldText.of(one));
            }
        } else {
            pairs.add(name);
            pairs.add(FieldText.of(value));
        }
    }

    /**
     * About how many bytes the headers take in a frame, and not less than that. Exact enough to say whether the frame
     * is too large, which the native client finds only after it has counted the message.
     */
    static long size(Headers headers) {
        if (headers.isEmpty()) {
            return 0;
        }
        long[] size = {0};
        headers.forEach((name, value) -> size[0] += 16L + name.length() + value.length());
        if (size[0] < SMALL) {
            return size[0];
        }
        size[0] = 0;
        headers.forEach((name, value) -> {
            size[0] += 16L + bytes(name) + bytes(value);
        });
        return size[0];
    }

    private static int bytes(String text) {
        return text.getBytes(UTF_8).length;
    }
}
