/**
 * The conformance suite: what every transport must do, as tests that a transport runs by extending one class.
 *
 * <p>Start at {@link dev.antiphon.conformance.TransportConformance}. A transport's author writes one
 * {@link dev.antiphon.conformance.TransportFixture}. The rules are in the interfaces named {@code *Rules}, one per group; each rule
 * has a number, and its sentence is in {@code docs/spec}.
 */
@NullMarked
package dev.antiphon.conformance;

import org.jspecify.annotations.NullMarked;
