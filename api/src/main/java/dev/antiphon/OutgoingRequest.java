package dev.antiphon;

/**
 * A request on its way out, as a {@link RequestInterceptor} sees it.
 *
 * @param subject where it goes
 * @param message what it says
 * @param options how it is made
 */
public record OutgoingRequest(String subject, Message message, RequestOptions options) {}
