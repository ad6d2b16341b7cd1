package dev.antiphon.benchmarks.peers;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;

/** An Antiphon responder that answers each request with its own body. */
final class AntiphonEcho {

    static final String SUBJECT = JnatsEcho.SUBJECT;

    private final Messenger messenger;

    AntiphonEcho(String url) {
        this(url, RespondOptions.DEFAULTS);
    }

    private AntiphonEcho(String url, RespondOptions options) {
        messenger = Messenger.connect(url);
        messenger.respond(SUBJECT, request -> Message.wrap(request.message().sharedBytes()), options);
    }

    /** Its handler runs on the one thread of the transport that is for it. */
    static AntiphonEcho onTransportThread(String url) {
        return new AntiphonEcho(url, RespondOptions.DEFAULTS.withSameThread(true));
    }
}
