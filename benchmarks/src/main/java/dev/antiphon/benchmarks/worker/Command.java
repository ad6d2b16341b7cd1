package dev.antiphon.benchmarks.worker;

import dev.antiphon.benchmarks.load.Cell;
import java.time.Duration;

/**
 * One cell to run, as a line for the requester.
 *
 * @param cell what
 * @param warmUp how long before the window opens
 * @param window how long the window stays open
 */
public record Command(Cell cell, Duration warmUp, Duration window) {

    /** One line that {@link #parse} reads. */
    public String toLine() {
        return cell.inFlight() + " " + cell.size() + " " + cell.blocking() + " " + warmUp.toMillis() + " "
                + window.toMillis();
    }

    static Command parse(String line) {
        String[] parts = line.split(" ", -1);
        Cell cell = new Cell(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Boolean.parseBoolean(parts[2]));
        return new Command(
                cell, Duration.ofMillis(Long.parseLong(parts[3])), Duration.ofMillis(Long.parseLong(parts[4])));
    }
}
