/**
 * The Kafka transport: {@code kafka://} and {@code kafka+ssl://}. {@link dev.antiphon.transport.kafka.KafkaOptions} names its options.
 */
@NullMarked
package dev.antiphon.transport.kafka;

import org.jspecify.annotations.NullMarked;
