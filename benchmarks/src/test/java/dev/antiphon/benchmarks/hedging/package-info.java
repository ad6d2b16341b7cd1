@NullMarked
package dev.antiphon.benchmarks.hedging;

import org.jspecify.annotations.NullMarked;
