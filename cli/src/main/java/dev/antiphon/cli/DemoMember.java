package dev.antiphon.cli;

import dev.antiphon.AsyncRequestHandler;
import dev.antiphon.DrainReport;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.Request;
import dev.antiphon.RespondOptions;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** One member of the demo's queue group, with a connection of its own, as a process would have. */
final class DemoMember implements AutoCloseable {

    private final String name;
    private final Messenger messenger;
    private final LongAdder handled = new LongAdder();

    DemoMember(String name, String url, String subject) {
        this.name = name;
        messenger = Messenger.connect(url);
        messenger.respond(subject, this::price, RespondOptions.queueGroup("pricing"));
    }

    private Message price(Request request) {
        handled.increment();
        if (request.text().equals("unicorn")) {
            throw new RemoteException("OUT_OF_STOCK", "no unicorn is left");
        }
        return Message.of(request.text() + " costs 42, says " + name);
    }

    void serve(String subject, AsyncRequestHandler handler) {
        messenger.respondAsync(subject, handler);
    }

    DrainReport drain(Duration limit) {
        return messenger.drain(limit).join();
    }

    /** How many requests it has handled since it was asked last. */
    long handled() {
        return handled.sumThenReset();
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public void close() {
        messenger.close();
    }
}
