package dev.antiphon.conformance;

import static java.util.Objects.requireNonNullElse;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Makes requests and keeps how each of them ended, and when. Any thread. */
final class CallLog {
    /** What stands for a reply among the codes of failures. */
    static final String REPLY = "REPLY";

    /** What stands for NO_RESPONDERS where a responder was there all the time. */
    private static final String NO_RESPONDERS_THOUGH_THERE = "NO_RESPONDERS though there was one";

    /** Odd while a responder may be away. */
    private final AtomicInteger absences = new AtomicInteger();

    private final AtomicLong made = new AtomicLong();
    private final AtomicLong latest = new AtomicLong(Long.MIN_VALUE);

    // Guarded by this.
    private final Map<String, Integer> ends = new TreeMap<>();

    /** Makes a request that must end by its timeout. */
    void request(Messenger messenger, String subject, Message message, RequestOptions options, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        int absence = absences.get();
        made.incrementAndGet();
        messenger.request(subject, message, options.withTimeout(timeout)).whenComplete((reply, failure) -> {
            latest.accumulateAndGet(System.nanoTime() - deadline, Math::max);
            end(failure, absence);
        });
    }

    /** Does what takes the responders away, and waits until they are back: meanwhile NO_RESPONDERS is the truth. */
    void whileAway(Runnable task) {
        absences.incrementAndGet();
        task.run();
        absences.incrementAndGet();
    }

    private synchronized void end(@Nullable Throwable failure, int absence) {
        String how = failure == null ? REPLY : code(failure);
        boolean there = absence % 2 == 0 && absence == absences.get();
        ends.merge(
                there && how.equals(ErrorCode.NO_RESPONDERS.name()) ? NO_RESPONDERS_THOUGH_THERE : how,
                1,
                Integer::sum);
    }

    private static String code(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException ? requireNonNullElse(failure.getCause(), failure) : failure;
        return cause instanceof AntiphonException ours ? ours.code().name() : cause.toString();
    }

    /** How many requests were made. */
    long made() {
        return made.get();
    }

    /** How many have ended, whichever way. */
    synchronized long ended() {
        return ends.values().stream().mapToLong(Integer::intValue).sum();
    }

    /** How many ended this way: a code, or {@link #REPLY}. */
    synchronized int ended(String how) {
        return ends.getOrDefault(how, 0);
    }

    /** How many ended each way. */
    synchronized Map<String, Integer> ends() {
        return new TreeMap<>(ends);
    }

    /** By how much the latest end came after its deadline; negative when all were in time. */
    Duration latestAfterDeadline() {
        return Duration.ofNanos(latest.get());
    }
}
