package dev.antiphon.conformance;

import dev.antiphon.Messenger;

/**
 * A messenger whose connection a rule breaks, and what it says about that.
 *
 * @param name the name of its connection, by which the broker's inspector knows it
 */
record Peer(String name, Messenger messenger, Observed observed) {}
