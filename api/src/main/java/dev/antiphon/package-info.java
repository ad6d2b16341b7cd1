/**
 * What users touch: {@link dev.antiphon.Messenger} and the values that go in and out of it.
 *
 * <p>This package depends on nothing else of Antiphon. The engine behind {@code Messenger} is found with
 * {@link java.util.ServiceLoader}; transports are found the same way and are described in {@code dev.antiphon.spi}.
 */
@NullMarked
package dev.antiphon;

import org.jspecify.annotations.NullMarked;
