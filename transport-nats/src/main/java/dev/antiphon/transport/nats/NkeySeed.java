package dev.antiphon.transport.nats;

import io.nats.client.AuthHandler;
import io.nats.client.NKey;
import io.nats.client.Nats;

/** The seed of an NKey, which proves who we are without telling the server a secret. */
final class NkeySeed {

    private NkeySeed() {}

    /** Whether this text is a seed. */
    static boolean isValid(String seed) {
        try {
            NKey.fromSeed(seed.toCharArray()).clear();
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Signs what the server asks to be signed. */
    static AuthHandler handler(String seed) {
        return Nats.staticCredentials(null, seed.toCharArray());
    }
}
