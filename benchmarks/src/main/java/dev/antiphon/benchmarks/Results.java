package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.load.Cell;
import dev.antiphon.benchmarks.peers.Peer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was measured, by peer and cell, and what went wrong. */
final class Results {

    private final Map<Peer, Map<Cell, List<Measured>>> rounds = new EnumMap<>(Peer.class);
    private final List<String> failures = new ArrayList<>();

    void add(Peer peer, Cell cell, Measured measured) {
        rounds.computeIfAbsent(peer, p -> new HashMap<>())
                .computeIfAbsent(cell, c -> new ArrayList<>())
                .add(measured);
    }

    void fail(String failure) {
        failures.add(failure);
    }

    /** Medians over the rounds, if there was a complete one. */
    Optional<Summary> of(Peer peer, Cell cell) {
        List<Measured> all = rounds.getOrDefault(peer, Map.of()).getOrDefault(cell, List.of());
        return all.isEmpty() ? Optional.empty() : Optional.of(new Summary(all));
    }

    List<String> failures() {
        return List.copyOf(failures);
    }
}
