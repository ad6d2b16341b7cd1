package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.MessengerListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps the errors that a messenger reports. */
final class ReportedErrors implements MessengerListener {
    private final List<AntiphonException> all = new CopyOnWriteArrayList<>();

    @Override
    public void onError(AntiphonException error) {
        all.add(error);
    }

    /** Those that were reported so far, in order. */
    List<AntiphonException> all() {
        return all;
    }

    /** Their codes. */
    List<ErrorCode> codes() {
        return all.stream().map(AntiphonException::code).toList();
    }
}
