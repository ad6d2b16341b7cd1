package dev.antiphon;

import java.util.Iterator;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Answers requests with streams. May block; is called concurrently up to {@link RespondOptions#concurrency()}. A request
 * keeps its place until its stream has ended, also after the handler has returned.
 */
@FunctionalInterface
public interface StreamHandler {

    /**
     * Answers one request. The stream need not be over when this returns.
     *
     * @throws Exception to end the stream with an error
     */
    void handle(Request request, StreamEmitter emitter) throws Exception;

    /** Sends what an iterator gives, when there is credit for it, on the handler's thread. */
    static StreamHandler ofIterator(Function<? super Request, ? extends Iterator<Message>> items) {
        return (request, emitter) -> StreamAdapters.emit(items.apply(request), emitter);
    }

    /** Sends what a stream gives, when there is credit for it, on the handler's thread, and closes it. */
    static StreamHandler ofStream(Function<? super Request, ? extends Stream<Message>> items) {
        return (request, emitter) -> {
            try (Stream<Message> stream = items.apply(request)) {
                StreamAdapters.emit(stream.iterator(), emitter);
            }
        };
    }

    /** Sends what a publisher publishes; it is asked for as many items as there is credit for. */
    static StreamHandler ofPublisher(Function<? super Request, ? extends Flow.Publisher<Message>> items) {
        return (request, emitter) -> items.apply(request).subscribe(new StreamAdapters.Relay(emitter));
    }
}
