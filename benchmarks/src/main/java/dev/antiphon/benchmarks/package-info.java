/** Compares Antiphon side by side with what a user would pick instead: the command, its processes and its report. */
@NullMarked
package dev.antiphon.benchmarks;

import org.jspecify.annotations.NullMarked;
