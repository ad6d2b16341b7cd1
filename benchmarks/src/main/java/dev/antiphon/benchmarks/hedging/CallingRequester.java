package dev.antiphon.benchmarks.hedging;

import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** Makes calls of one kind, and counts them. */
final class CallingRequester implements Requester {

    private final Function<Message, Call> caller;
    private final LongAdder made = new LongAdder();

    CallingRequester(Function<Message, Call> caller) {
        this.caller = caller;
    }

    long made() {
        return made.sum();
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        Message message = Message.wrap(body);
        return () -> {
            made.increment();
            caller.apply(message).whenComplete((reply, failure) -> {
                if (failure == null) {
                    answer.replied(reply.size());
                } else {
                    answer.failed(failure);
                }
            });
        };
    }

    @Override
    public int call(byte[] body) {
        made.increment();
        return caller.apply(Message.wrap(body)).join().size();
    }
}
