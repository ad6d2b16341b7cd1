package dev.antiphon.examples;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.OutgoingRequest;
import dev.antiphon.RequestInterceptor;
import java.util.concurrent.CompletionStage;

/** Code around every request: here it logs; in the same way one measures, adds headers or tries again. */
public final class LoggingInterceptor {

    private LoggingInterceptor() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://interceptors";
        try (Messenger messenger = Messenger.builder()
                .url(url)
                .requestInterceptor(LoggingInterceptor::log)
                .responderInterceptor((request, next) -> {
                    System.out.println("handling " + request.subject());
                    return next.proceed(request);
                })
                .connect()) {
            messenger.respond("greet", request -> Message.of("hello " + request.text()));
            messenger.request("greet", Message.of("Ada")).join();
        }
    }

    // region interceptor
    private static CompletionStage<Message> log(OutgoingRequest request, RequestInterceptor.Next next) {
        System.out.println("asking " + request.subject());
        return next.proceed(request).thenApply(reply -> {
            System.out.println("got \"" + reply.text() + "\"");
            return reply;
        });
    }
    // endregion
}
