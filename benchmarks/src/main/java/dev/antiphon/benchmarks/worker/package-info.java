/** The programs that run in the forked JVMs: one asks, one answers. */
@NullMarked
package dev.antiphon.benchmarks.worker;

import org.jspecify.annotations.NullMarked;
