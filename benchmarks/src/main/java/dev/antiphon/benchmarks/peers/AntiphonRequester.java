package dev.antiphon.benchmarks.peers;

import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;
import java.util.function.BiConsumer;

/** Antiphon with default settings, or so that its callbacks run where a client by hand runs them. */
final class AntiphonRequester implements Requester {

    private final Messenger messenger;

    AntiphonRequester(String url) {
        this(Messenger.connect(url));
    }

    private AntiphonRequester(Messenger messenger) {
        this.messenger = messenger;
    }

    /** Callbacks run on the thread that reads. */
    static AntiphonRequester onTransportThread(String url) {
        return new AntiphonRequester(
                Messenger.builder().url(url).completeOnTransportThread().connect());
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        BiConsumer<Message, Throwable> done = (reply, failure) -> {
            if (failure == null) {
                answer.replied(reply.size());
            } else {
                answer.failed(failure);
            }
        };
        Message message = Message.wrap(body);
        return () -> {
            Call call = messenger.request(AntiphonEcho.SUBJECT, message);
            call.whenComplete(done);
        };
    }

    @Override
    public int call(byte[] body) {
        return messenger
                .request(AntiphonEcho.SUBJECT, Message.wrap(body))
                .join()
                .size();
    }
}
