package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.spi.ReplyAddress;

/** A subject that somebody waits at for a reply. */
interface NatsAddress extends ReplyAddress {

    /** The subject. */
    byte[] address();

    /** The address that a reply told as its way back. */
    static NatsAddress of(byte[] subject) {
        return new NatsAddress() {
            @Override
            public byte[] address() {
                return subject;
            }

            @Override
            public String toString() {
                return new String(subject, UTF_8);
            }
        };
    }
}
