package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.load.Cell;
import dev.antiphon.benchmarks.peers.Network;
import dev.antiphon.benchmarks.peers.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What the command line leaves open: which peers and which cells. */
final class Choices {

    private static final List<Integer> IN_FLIGHT = List.of(1, 64, 1024);
    private static final int SMALL = 128;
    private static final Cell LARGE = new Cell(64, 16 * 1024, false);

    private Choices() {}

    static List<Peer> peers(Network network, List<String> names) {
        List<Peer> known = Peer.of(network);
        if (names.isEmpty()) {
            return known.stream().filter(Peer::byDefault).toList();
        }
        return names.equals(List.of("all"))
                ? known
                : names.stream().map(name -> find(known, name)).toList();
    }

    private static Peer find(List<Peer> known, String name) {
        return known.stream()
                .filter(peer -> peer.id().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no peer '" + name + "'; there are: all, "
                        + known.stream().map(Peer::id).collect(Collectors.joining(", "))));
    }

    /** The product of both lists; large bodies join only where neither list was given. */
    static List<Cell> cells(Network network, List<Integer> inFlight, List<Integer> sizes, boolean blocking) {
        List<Cell> cells = new ArrayList<>();
        for (int size : sizes.isEmpty() ? List.of(SMALL) : sizes) {
            if (blocking) {
                cells.add(new Cell(1, size, true));
            }
            for (int count : inFlight.isEmpty() ? IN_FLIGHT : inFlight) {
                cells.add(new Cell(count, size, false));
            }
        }
        if (network != Network.INMEMORY && inFlight.isEmpty() && sizes.isEmpty()) {
            cells.add(LARGE);
        }
        return cells;
    }
}
