@NullMarked
package dev.antiphon.benchmarks;

import org.jspecify.annotations.NullMarked;
