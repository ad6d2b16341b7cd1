package dev.antiphon;

import java.time.Duration;

/**
 * What a drain achieved.
 *
 * @param handled messages and requests that were finished after the drain began
 * @param abandoned messages and requests whose handler had not finished when the limit was reached
 * @param repliesReceived requests of ours that ended with a reply after the drain began
 * @param requestsFailed requests of ours that ended without a reply after the drain began
 * @param elapsed how long it took
 */
public record DrainReport(long handled, long abandoned, long repliesReceived, long requestsFailed, Duration elapsed) {

    /** Whether nothing was abandoned and no request failed. */
    public boolean complete() {
        return abandoned == 0 && requestsFailed == 0;
    }
}
