package dev.antiphon.cli;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;
import dev.antiphon.StreamHandler;
import dev.antiphon.StreamOptions;
import java.util.UUID;
import java.util.concurrent.Flow;
import java.util.stream.LongStream;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** The Reactive Streams rules for publishers, applied to streams of replies. Run by {@link StreamTckTest}. */
@SuppressWarnings("NullAway.Init") // the kit calls connect() first
public final class StreamVerification extends FlowPublisherVerification<Message> {

    /** Where; the kit makes the objects itself. */
    static volatile String url = "";

    private final String subject = "tck." + UUID.randomUUID();
    private Messenger responder;
    private Messenger requester;

    /** For the kit. */
    public StreamVerification() {
        super(new TestEnvironment(1000, 200));
    }

    /** Before all of its tests. */
    @BeforeClass
    public void connect() {
        responder = Messenger.connect(url);
        requester = Messenger.connect(url);
        responder.respondStream(
                subject,
                StreamHandler.ofIterator(request -> LongStream.range(0, Long.parseLong(request.text()))
                        .mapToObj(i -> Message.of("item " + i))
                        .iterator()),
                RespondOptions.DEFAULTS);
    }

    /** After all of its tests. */
    @AfterClass
    public void close() {
        requester.close();
        responder.close();
    }

    @Override
    public Flow.Publisher<Message> createFlowPublisher(long elements) {
        return requester.stream(subject, Message.of(Long.toString(elements)), StreamOptions.DEFAULTS);
    }

    @Override
    public Flow.Publisher<Message> createFailedFlowPublisher() {
        return requester.stream(subject + ".nobody", Message.empty(), StreamOptions.DEFAULTS);
    }
}
