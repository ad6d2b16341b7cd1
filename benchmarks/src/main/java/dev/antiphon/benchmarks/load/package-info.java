/** The closed loop that drives every peer alike, and the meters around it. */
@NullMarked
package dev.antiphon.benchmarks.load;

import org.jspecify.annotations.NullMarked;
