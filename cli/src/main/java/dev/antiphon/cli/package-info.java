/**
 * The command line: one class per command, and what they share.
 *
 * <p>{@link dev.antiphon.cli.Main} is the entry. {@code Verdict} maps error codes to exit codes, {@code Load} keeps
 * requests in flight, {@code Tally} counts how they end.
 */
@NullMarked
package dev.antiphon.cli;

import org.jspecify.annotations.NullMarked;
