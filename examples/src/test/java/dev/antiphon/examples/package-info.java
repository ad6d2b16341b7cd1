/** Runs every example, and compares the documentation with what it describes. */
@NullMarked
package dev.antiphon.examples;

import org.jspecify.annotations.NullMarked;
