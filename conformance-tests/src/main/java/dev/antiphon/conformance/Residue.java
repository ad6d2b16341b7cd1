package dev.antiphon.conformance;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;

/** What may be left behind in this JVM: threads and memory. */
final class Residue {
    /** Threads that the JDK, or Awaitility while a rule waits, makes for itself. */
    private static final List<String> OTHERS = List.of(
            "ForkJoinPool",
            "CompletableFutureDelayScheduler",
            "VirtualThread-unparker",
            "process reaper",
            "awaitility");

    private static final int COLLECTIONS = 3;

    private Residue() {}

    /** The platform threads that live now. */
    static Set<Thread> threads() {
        return Set.copyOf(Thread.getAllStackTraces().keySet());
    }

    /** The names of those that live now and did not then. */
    static List<String> threadsSince(Set<Thread> then) {
        return threads().stream()
                .filter(thread -> thread.isAlive() && !then.contains(thread))
                .map(Thread::getName)
                .filter(name -> !isOfOthers(name))
                .sorted()
                .toList();
    }

    private static boolean isOfOthers(String name) {
        return OTHERS.stream().anyMatch(name::startsWith);
    }

    /** The bytes of the heap that are in use, garbage not counted. */
    static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            least = Math.min(least, used);
        }
        return least;
    }
}
