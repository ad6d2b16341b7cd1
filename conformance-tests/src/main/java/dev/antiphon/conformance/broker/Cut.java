package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.net.Socket;

/** How a connection through a {@link TcpProxy} ends. */
public enum Cut {
    /** As when a machine or a firewall gives up: RST; what is under way is lost. */
    RESET,
    /** As when a process ends: FIN, after what was already passed on. */
    FIN;

    void apply(Socket socket) {
        try (socket) {
            if (this == RESET) {
                socket.setSoLinger(true, 0);
            } else if (socket.isConnected() && !socket.isOutputShutdown()) {
                socket.shutdownOutput();
            }
        } catch (IOException e) {
            // The other end was faster.
        }
    }
}
