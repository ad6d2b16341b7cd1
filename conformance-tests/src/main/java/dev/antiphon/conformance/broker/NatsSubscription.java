package dev.antiphon.conformance.broker;

/**
 * A subscription, as a NATS server sees it.
 *
 * @param subject may have wildcards
 * @param queueGroup empty if it is in none
 */
public record NatsSubscription(String subject, String queueGroup) {}
