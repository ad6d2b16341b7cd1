package dev.antiphon.spi;

import java.util.EnumMap;
import java.util.Map;

/**
 * What a transport can do and up to where. Immutable. The conformance suite checks it in both directions: what is
 * declared must work, and what is declared NONE must be refused with UNSUPPORTED.
 *
 * @param levels support by capability; a capability that is missing counts as NONE
 * @param limits sizes that the broker accepts
 */
public record Capabilities(Map<Capability, Support> levels, Limits limits) {

    /** Takes a copy. */
    public Capabilities {
        levels = Map.copyOf(levels);
    }

    /** Something a transport may be able to do. */
    public enum Capability {
        /** Each message to one member of a named group. */
        QUEUE_GROUP,
        /** {@code *} and {@code >} in subscriptions. */
        WILDCARD,
        /** A request that nobody serves fails in a round trip. */
        NO_RESPONDERS,
        /** Messages of one publisher arrive in the order they were published. */
        ORDERED_PER_PUBLISHER,
        /** The end of a send means that the broker has the message. */
        PUBLISH_CONFIRM,
        /** Messages that are not settled are delivered again, those of queue groups at least. */
        REDELIVERY,
        /** The broker drops messages whose time to live has passed. */
        NATIVE_EXPIRY,
        /** A lost connection comes back by itself, with its subscriptions. */
        AUTO_RECONNECT,
        /** The address of a reply channel stays the same over a reconnect. */
        REPLY_ADDRESS_SURVIVES_RECONNECT,
        /** Messages published while nobody subscribes are kept for later subscribers. */
        RETAINED
    }

    /** How well it can do it. */
    public enum Support {
        /** The broker does it. */
        NATIVE,
        /** The transport does it on top of the broker. */
        EMULATED,
        /** Not at all; asking for it fails with UNSUPPORTED. */
        NONE
    }

    /**
     * Sizes in bytes. Once connected, a transport reports what its broker told.
     *
     * @param maxBodyBytes the largest body, and headers where the broker counts them
     * @param maxSubjectBytes the longest subject in UTF-8
     */
    public record Limits(long maxBodyBytes, int maxSubjectBytes) {}

    /** Capabilities with these natively supported, and these limits. */
    public static Capabilities of(Limits limits, Capability... natively) {
        Map<Capability, Support> levels = new EnumMap<>(Capability.class);
        for (Capability capability : natively) {
            levels.put(capability, Support.NATIVE);
        }
        return new Capabilities(levels, limits);
    }

    /** How well a capability is supported. */
    public Support level(Capability capability) {
        return levels.getOrDefault(capability, Support.NONE);
    }

    /** Whether a capability is supported natively or emulated. */
    public boolean has(Capability capability) {
        return level(capability) != Support.NONE;
    }

    /** These capabilities with other limits. */
    public Capabilities withLimits(Limits newLimits) {
        return new Capabilities(levels, newLimits);
    }
}
