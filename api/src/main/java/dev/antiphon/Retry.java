package dev.antiphon;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes failed requests once more, within their timeout: those whose failure is {@linkplain AntiphonException#retryable()
 * retryable}, and either was not handled for certain or is {@linkplain RequestOptions#withIdempotent idempotent}. Immutable.
 *
 * <p>Between attempts it waits, twice as long each time up to a limit, and at random up to half of that less, so that many
 * requesters do not come back at the same moment. Add it with {@link MessengerBuilder#requestInterceptor}.
 */
public final class Retry implements RequestInterceptor {

    private final int attempts;
    private final Duration firstPause;
    private final Duration longestPause;
    private final @Nullable Duration attemptTimeout;

    private Retry(int attempts, Duration firstPause, Duration longestPause, @Nullable Duration attemptTimeout) {
        this.attempts = attempts;
        this.firstPause = firstPause;
        this.longestPause = longestPause;
        this.attemptTimeout = attemptTimeout;
    }

    /** At most so many attempts, the first included, with pauses from 50 milliseconds to 2 seconds. */
    public static Retry attempts(int attempts) {
        MessengerOptions.checkPositive("attempts", attempts);
        return new Retry(attempts, Duration.ofMillis(50), Duration.ofSeconds(2), null);
    }

    /** The pause after the first attempt, and the longest one. */
    public Retry withPauses(Duration first, Duration longest) {
        MessengerOptions.checkTimeout("pause", first);
        MessengerOptions.checkTimeout("longest pause", longest);
        return new Retry(attempts, first, longest, attemptTimeout);
    }

    /** The longest time for one attempt; default is what is left of the request's timeout. */
    public Retry withAttemptTimeout(Duration timeout) {
        return new Retry(attempts, firstPause, longestPause, MessengerOptions.checkTimeout("attempt timeout", timeout));
    }

    @Override
    public CompletionStage<Message> intercept(OutgoingRequest request, Next next) {
        Duration timeout = request.options().timeout().orElse(MessengerOptions.DEFAULT_TIMEOUT);
        Attempts all = new Attempts(request, next, System.nanoTime() + timeout.toNanos());
        all.begin(1);
        return all.result;
    }

    /** The attempts of one request. */
    private final class Attempts {

        private final OutgoingRequest request;
        private final Next next;
        private final long deadline;
        private final CompletableFuture<Message> result = new CompletableFuture<>();

        Attempts(OutgoingRequest request, Next next, long deadline) {
            this.request = request;
            this.next = next;
            this.deadline = deadline;
        }

        void begin(int number) {
            Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
            Duration limit = attemptTimeout != null && attemptTimeout.compareTo(left) < 0 ? attemptTimeout : left;
            try {
                next.proceed(new OutgoingRequest(
                                request.subject(),
                                request.message(),
                                request.options().withTimeout(limit)))
                        .whenComplete((reply, failure) -> ended(number, reply, failure));
            } catch (RuntimeException failure) {
                result.completeExceptionally(failure);
            }
        }

        private void ended(int number, @Nullable Message reply, @Nullable Throwable failure) {
            if (reply != null && failure == null) {
                result.complete(reply);
                return;
            }
            Throwable cause = causeOf(failure);
            long pause = pauseNanos(number);
            if (number < attempts && mayRetry(cause) && deadline - System.nanoTime() > pause) {
                CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS).execute(() -> begin(number + 1));
            } else {
                result.completeExceptionally(cause);
            }
        }

        private static Throwable causeOf(@Nullable Throwable failure) {
            if (failure == null) {
                return new NullPointerException("an interceptor gave null in place of a reply");
            }
            Throwable cause = failure.getCause();
            return failure instanceof CompletionException && cause != null ? cause : failure;
        }

        private boolean mayRetry(Throwable failure) {
            return failure instanceof AntiphonException ours
                    && ours.retryable()
                    && (request.options().idempotent() || !ours.mayHaveExecuted());
        }

        private long pauseNanos(int number) {
            double doubled = (double) firstPause.toNanos() * Math.pow(2, number - 1);
            long pause = (long) Math.min(doubled, (double) longestPause.toNanos());
            return pause - ThreadLocalRandom.current().nextLong(pause / 2 + 1);
        }
    }
}
