@NullMarked
package dev.antiphon.benchmarks.load;

import org.jspecify.annotations.NullMarked;
