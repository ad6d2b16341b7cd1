package dev.antiphon.transport.nats;

/** Where the frames of one subscription go. */
interface Inlet {

    /** Takes one message, on the reader's thread: does not block and keeps nothing of the frame. */
    void receive(Frame frame);
}
