/**
 * Messages over core NATS, with the native client {@code jnats}: {@code nats://host:4222}.
 *
 * <p>The native client connects, authenticates, secures the connection, keeps it alive, finds other servers of a cluster
 * and reconnects. The frames of Antiphon's own messages do not go through its queues: they are written to and read from
 * the connection by {@link dev.antiphon.transport.nats.NatsPort}, which says why.
 */
@NullMarked
package dev.antiphon.transport.nats;

import org.jspecify.annotations.NullMarked;
