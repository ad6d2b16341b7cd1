/**
 * What a transport implements, and nothing else.
 *
 * <p>A transport owns its connection, reconnecting and re-subscribing, the mapping to native messages, settling, one
 * attempt to send, and native expiry. It knows nothing of correlation tables, timeouts, retries or executors: the engine
 * owns those, once for all transports.
 *
 * <p>Start at {@link dev.antiphon.spi.TransportProvider}. The conformance suite tells whether an implementation keeps
 * the contracts stated here.
 */
@NullMarked
package dev.antiphon.spi;

import org.jspecify.annotations.NullMarked;
