package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Objects;
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

    /**
     * The bytes of the heap that are in use, garbage not counted. They are what collections left, not what is in use after them: that also
     * has what every thread was given to allocate from since, which for the threads of a native client is hundreds of kilobytes, or none.
     */
    static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            least = Math.min(least, leftByCollections());
        }
        assertThat(least).as("bytes that this JVM says its collections left").isPositive();
        return least;
    }

    private static long leftByCollections() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getCollectionUsage)
                .filter(Objects::nonNull)
                .mapToLong(MemoryUsage::getUsed)
                .sum();
    }
}
