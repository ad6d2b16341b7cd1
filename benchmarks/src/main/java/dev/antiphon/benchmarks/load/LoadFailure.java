package dev.antiphon.benchmarks.load;

import org.jspecify.annotations.Nullable;

/** A cell that cannot be reported, because a request failed or was never answered. */
public final class LoadFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LoadFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
