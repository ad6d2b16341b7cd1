package dev.antiphon.cli;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * How one request of the demo failed.
 *
 * @param failure empty if it did not
 * @param nanos how long it took
 */
record DemoFailure(Optional<AntiphonException> failure, long nanos) {

    static DemoFailure ask(Messenger messenger, String subject, String text, Duration timeout) {
        long start = System.nanoTime();
        try {
            messenger
                    .request(subject, Message.of(text), RequestOptions.timeout(timeout))
                    .join();
            return new DemoFailure(Optional.empty(), System.nanoTime() - start);
        } catch (AntiphonException failure) {
            return new DemoFailure(Optional.of(failure), System.nanoTime() - start);
        }
    }

    boolean hasCode(ErrorCode code) {
        return failure.filter(f -> f.code() == code).isPresent();
    }

    boolean hasLabel(String label) {
        return failure.map(Failures::label).filter(label::equals).isPresent();
    }

    @Override
    public String toString() {
        return failure.map(Failures::label).orElse("a reply") + " after " + Format.nanos(nanos);
    }
}
