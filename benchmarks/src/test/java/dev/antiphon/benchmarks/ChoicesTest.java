package dev.antiphon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.benchmarks.load.Cell;
import dev.antiphon.benchmarks.peers.Network;
import dev.antiphon.benchmarks.peers.Peer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChoicesTest {

    @Test
    void cells_nothingGiven_areThoseOfTheNetwork() {
        assertThat(Choices.cells(Network.INMEMORY, List.of(), List.of(), false))
                .extracting(Cell::title)
                .containsExactly("1 x 128 B", "64 x 128 B", "1024 x 128 B");
        assertThat(Choices.cells(Network.NATS, List.of(), List.of(), false))
                .extracting(Cell::title)
                .containsExactly("1 x 128 B", "64 x 128 B", "1024 x 128 B", "64 x 16 KiB");
    }

    @Test
    void cells_bothGiven_areTheirProduct() {
        assertThat(Choices.cells(Network.NATS, List.of(2, 4), List.of(1, 1024), true))
                .extracting(Cell::title)
                .containsExactly(
                        "1 x 1 B, blocking", "2 x 1 B", "4 x 1 B", "1 x 1 KiB, blocking", "2 x 1 KiB", "4 x 1 KiB");
    }

    @Test
    void peers_ofOneNetworkOnly() {
        assertThat(Choices.peers(Network.INMEMORY, List.of())).containsExactly(Peer.ANTIPHON, Peer.VERTX);
        assertThat(Choices.peers(Network.NATS, List.of("jnats", "antiphon")))
                .containsExactly(Peer.JNATS, Peer.ANTIPHON_NATS);
        assertThat(Choices.peers(Network.NATS, List.of("all"))).isEqualTo(Peer.of(Network.NATS));
    }

    @Test
    void peers_unknownName_namesTheKnown() {
        assertThatThrownBy(() -> Choices.peers(Network.NATS, List.of("vertx")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("vertx")
                .hasMessageContaining("jnats-noflush");
    }
}
