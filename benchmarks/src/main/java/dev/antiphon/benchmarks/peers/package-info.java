/** One class for each way of asking that is compared. */
@NullMarked
package dev.antiphon.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
