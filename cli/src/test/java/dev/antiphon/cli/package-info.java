/** Tests of the command line: within this JVM where that is enough, as processes of their own where it is not. */
@NullMarked
package dev.antiphon.cli;

import org.jspecify.annotations.NullMarked;
