/** What one slow responder does to latencies, and what hedging makes of it. */
@NullMarked
package dev.antiphon.benchmarks.hedging;

import org.jspecify.annotations.NullMarked;
