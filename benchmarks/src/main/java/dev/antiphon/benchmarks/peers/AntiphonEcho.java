package dev.antiphon.benchmarks.peers;

import dev.antiphon.Message;
import dev.antiphon.Messenger;

/** An Antiphon responder with default settings that answers each request with its own body. */
final class AntiphonEcho {

    static final String SUBJECT = JnatsEcho.SUBJECT;

    private final Messenger messenger;

    AntiphonEcho(String url) {
        messenger = Messenger.connect(url);
        messenger.respond(SUBJECT, request -> Message.wrap(request.message().sharedBytes()));
    }
}
