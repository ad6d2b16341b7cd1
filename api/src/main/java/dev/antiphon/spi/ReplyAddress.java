package dev.antiphon.spi;

/** Where a reply goes, correlation included. Opaque to the engine: only the transport that made it can use it. */
public interface ReplyAddress {

    /** The address in the broker's terms, for logs. */
    @Override
    String toString();
}
