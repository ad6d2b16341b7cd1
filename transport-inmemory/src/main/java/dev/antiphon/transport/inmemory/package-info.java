/**
 * Messages between messengers of one JVM: {@code inmemory://name}. The reference for every other transport, and what
 * tests and single-process programs use.
 */
@NullMarked
package dev.antiphon.transport.inmemory;

import org.jspecify.annotations.NullMarked;
