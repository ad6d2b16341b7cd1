/** Small programs, each about one thing. Every one takes a URL as its argument; without one it runs in memory. */
@NullMarked
package dev.antiphon.examples;

import org.jspecify.annotations.NullMarked;
