package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.load.Cell;
import dev.antiphon.benchmarks.peers.Peer;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The results as Markdown: a table of medians, and a table of Antiphon divided by each other peer. */
final class Report {

    private final Plan plan;
    private final Results results;
    private final StringBuilder text = new StringBuilder();

    Report(Plan plan, Results results) {
        this.plan = plan;
        this.results = results;
    }

    String markdown(String machine) {
        line(
                "%s. Medians over %d round(s); each JVM warms up for %.1f s, each cell is measured for %.1f s.",
                machine,
                plan.rounds(),
                plan.jvmWarmUp().toMillis() / 1e3,
                plan.window().toMillis() / 1e3);
        line("");
        medians();
        line("");
        ratios();
        for (String failure : results.failures()) {
            line("%nFailed: %s", failure);
        }
        return text.toString();
    }

    private void medians() {
        line("| in flight x body | peer | requests/s (lowest-highest) | p50 us | p99 us | p99.9 us "
                + "| CPU us/request: requester | responder | broker | bytes/request |");
        line("|---|---|---|---|---|---|---|---|---|---|");
        for (Cell cell : plan.cells()) {
            for (Peer peer : plan.peers()) {
                results.of(peer, cell).ifPresent(summary -> row(cell, peer, summary));
            }
        }
    }

    private void row(Cell cell, Peer peer, Summary s) {
        line(
                "| %s | %s | %,.0f (%,.0f-%,.0f) | %,.1f | %,.1f | %,.1f | %.2f | %s | %s | %s%,.0f |",
                cell.title(),
                peer.title(),
                s.median(Measured::rate),
                s.lowest(Measured::rate),
                s.highest(Measured::rate),
                s.median(m -> m.sample().p50() / 1e3),
                s.median(m -> m.sample().p99() / 1e3),
                s.median(m -> m.sample().p999() / 1e3),
                s.median(Measured::requesterMicros),
                orDash(s.median(Measured::responderMicros)),
                orDash(s.median(Measured::brokerMicros)),
                s.bytesExact() ? "" : "at least ",
                s.median(Measured::bytes));
    }

    private static String orDash(double value) {
        return value == 0 ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }

    private void ratios() {
        Optional<Peer> ours = plan.peers().stream().filter(Peer::ours).findFirst();
        if (ours.isEmpty() || plan.peers().size() < 2) {
            return;
        }
        text.append("| Antiphon divided by |");
        plan.cells().forEach(cell -> text.append(' ').append(cell.title()).append(" |"));
        line("");
        line("|---|%s", "---|".repeat(plan.cells().size()));
        for (Peer peer : plan.peers()) {
            if (!peer.ours()) {
                ratio(ours.get(), peer, "requests/s", Measured::rate);
                ratio(ours.get(), peer, "p99", m -> m.sample().p99());
                ratio(ours.get(), peer, "CPU", m -> m.requesterMicros() + m.responderMicros());
                ratio(ours.get(), peer, "bytes", Measured::bytes);
            }
        }
    }

    private void ratio(Peer ours, Peer other, String what, ToDoubleFunction<Measured> value) {
        text.append("| ").append(other.title()).append(", ").append(what).append(" |");
        for (Cell cell : plan.cells()) {
            Optional<Double> quotient = results.of(ours, cell)
                    .flatMap(a -> results.of(other, cell).map(b -> a.median(value) / b.median(value)));
            text.append(' ')
                    .append(quotient.map(q -> String.format(Locale.ROOT, "%.2f", q))
                            .orElse("-"))
                    .append(" |");
        }
        line("");
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
