/**
 * Request-reply, once for all transports. Not exported; the one public type is the entry that
 * {@link java.util.ServiceLoader} needs.
 */
@NullMarked
package dev.antiphon.engine;

import org.jspecify.annotations.NullMarked;
