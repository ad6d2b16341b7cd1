package dev.antiphon.cli;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** A message as it is given on the command line: {@code SUBJECT [BODY|-] --header k=v}. */
final class MessageArguments {

    @Parameters(index = "0", paramLabel = "SUBJECT", description = "Where to, such as orders.price.")
    private String subject;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "BODY",
            description = "The body; - reads it from stdin. Default: empty.")
    private @Nullable String body;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "NAME=VALUE",
            converter = HeaderConverter.class,
            description = "A header. May be repeated.")
    private List<Header> headers = List.of();

    String subject() {
        return subject;
    }

    Message message(InputStream in) throws IOException {
        Headers all = Headers.EMPTY;
        for (Header header : headers) {
            all = all.plus(header.name(), header.value());
        }
        return body(in).withHeaders(all);
    }

    private Message body(InputStream in) throws IOException {
        if (body == null) {
            return Message.empty();
        }
        return body.equals("-") ? Message.wrap(in.readAllBytes()) : Message.of(body);
    }

    /** A name and a value. */
    record Header(String name, String value) {}

    /** Reads {@code name=value}; the value may hold more equal signs. */
    static final class HeaderConverter implements ITypeConverter<Header> {
        @Override
        public Header convert(String text) {
            int split = text.indexOf('=');
            if (split < 1) {
                throw new TypeConversionException("\"" + text + "\" is not NAME=VALUE");
            }
            return new Header(text.substring(0, split), text.substring(split + 1));
        }
    }
}
