package dev.antiphon.transport.inmemory.mutants;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Defects of what is carried. */
final class ContentMutants {
    private ContentMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.of(
                        "loses headers",
                        "RR-08",
                        "[the names of headers]",
                        Edits.content(message -> message.withHeaders(Headers.EMPTY))),
                Mutant.of("loses the content type", "RR-08", "text/plain", Edits.content(ContentMutants::untyped)),
                Mutant.of(
                        "writes header names in lower case",
                        "PAY-04",
                        "x-mixed-case",
                        Edits.content(ContentMutants::lowerCase)),
                Mutant.of(
                        "keeps the last of several values",
                        "PAY-04",
                        "X-Two",
                        Edits.content(ContentMutants::lastValues)),
                Mutant.of("cuts bodies at 64 KiB", "PAY-03", "TOO_LARGE", Edits.content(ContentMutants::cut)),
                Mutant.of("takes bodies for text", "PAY-02", "the body", Edits.content(ContentMutants::asText)));
    }

    private static Message untyped(Message message) {
        return Message.wrap(message.sharedBytes(), message.headers(), null);
    }

    private static Message lowerCase(Message message) {
        List<String> pairs = new ArrayList<>();
        message.headers().forEach((name, value) -> {
            pairs.add(name.toLowerCase(Locale.ROOT));
            pairs.add(value);
        });
        return message.withHeaders(Headers.received(pairs.toArray(new String[0])));
    }

    private static Message lastValues(Message message) {
        Headers[] last = {Headers.EMPTY};
        for (String name : message.headers().names()) {
            List<String> values = message.headers().all(name);
            last[0] = last[0].plus(name, values.get(values.size() - 1));
        }
        return message.withHeaders(last[0]);
    }

    private static Message cut(Message message) {
        byte[] body = message.sharedBytes();
        return body.length <= 65_536 ? message : withBody(message, Arrays.copyOf(body, 65_536));
    }

    private static Message asText(Message message) {
        return withBody(message, message.text().getBytes(UTF_8));
    }

    private static Message withBody(Message message, byte[] body) {
        return Message.wrap(body, message.headers(), message.contentType().orElse(null));
    }
}
