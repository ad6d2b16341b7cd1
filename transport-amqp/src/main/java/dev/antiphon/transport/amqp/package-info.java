/**
 * Messages over RabbitMQ (AMQP 0-9-1), with the native client {@code amqp-client}: {@code amqp://host:5672/vhost}.
 *
 * <p>The native client speaks the protocol. {@link dev.antiphon.transport.amqp.AmqpLink} owns the connection's life:
 * reconnecting and restoring are ours, the client's automatic recovery is off.
 */
@NullMarked
package dev.antiphon.transport.amqp;

import org.jspecify.annotations.NullMarked;
