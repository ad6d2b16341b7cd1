package dev.antiphon.examples;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;

/** What travels beside the body, there and back. */
public final class HeadersAndContentType {

    private HeadersAndContentType() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://headers";
        try (Messenger messenger = Messenger.connect(url)) {
            messenger.respond("translate", request -> {
                String language = request.message().header("Language").orElse("en"); // names ignore case
                String word = language.equals("de") ? "Hallo" : "Hello";
                return Message.of(word).withHeader("language", language);
            });
            // region headers
            Message question = Message.of("greeting")
                    .withHeaders(Headers.of("language", "de", "tag", "one", "tag", "two"))
                    .withContentType("text/plain");
            Message reply = messenger.request("translate", question).join();
            // endregion
            System.out.println(
                    reply.text() + ", language " + reply.header("language").orElse("?"));
            System.out.println("tags " + question.headers().all("tag") + ", "
                    + question.contentType().orElse("?"));
        }
    }
}
