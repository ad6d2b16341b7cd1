/**
 * Real brokers for tests: finding one, starting and stopping it, asking it what it holds, and putting faults between it and its
 * clients.
 *
 * <p>{@link dev.antiphon.conformance.broker.BrokerControl} is what every broker offers; one set of types per kind of broker
 * ({@code Nats*}, {@code Rabbit*}) sits on the parts they share: {@link dev.antiphon.conformance.broker.ChildProcess},
 * {@link dev.antiphon.conformance.broker.TcpProxy}, {@code BrokerSearch} and {@code DockerEngine}. Nothing here knows the library
 * that is under test.
 */
@NullMarked
package dev.antiphon.conformance.broker;

import org.jspecify.annotations.NullMarked;
