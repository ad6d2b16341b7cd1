package dev.antiphon.spi;

import dev.antiphon.Message;

/**
 * A message to send.
 *
 * @param subject where to, already checked; for a reply, the subject of the request it answers
 * @param message body, headers and content type
 * @param timeToLiveNanos after this time it is of no use and may be dropped, in nanoseconds from now; 0 for no limit
 */
public record OutboundMessage(String subject, Message message, long timeToLiveNanos) {}
