package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;

/** Why a call failed. */
final class Failed {

    private Failed() {}

    static AntiphonException with(Call call) {
        AntiphonException failure = catchThrowableOfType(AntiphonException.class, call::join);
        if (failure == null) {
            throw new AssertionError("it did not fail");
        }
        return failure;
    }
}
