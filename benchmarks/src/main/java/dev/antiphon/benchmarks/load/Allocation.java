package dev.antiphon.benchmarks.load;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * Bytes allocated by all threads of this JVM since {@link #start()}.
 *
 * <p>JDK 21 and later keep one total that includes threads that ended. Before that the live threads are added up; a
 * thread that ends within the window takes its count along, which is noticed and reported.
 */
final class Allocation {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long totalBefore = total();
    private final Map<Long, Long> before = byThread();
    private final long startedBefore = THREADS.getTotalStartedThreadCount();

    private Allocation() {}

    static Allocation start() {
        return new Allocation();
    }

    Allocated end() {
        long startedNow = THREADS.getTotalStartedThreadCount();
        Map<Long, Long> now = byThread();
        if (totalBefore >= 0) {
            return new Allocated(total() - totalBefore, true);
        }
        long bytes = 0;
        long fresh = 0;
        for (Map.Entry<Long, Long> thread : now.entrySet()) {
            Long earlier = before.get(thread.getKey());
            bytes += thread.getValue() - (earlier == null ? 0 : earlier);
            fresh += earlier == null ? 1 : 0;
        }
        boolean nobodyLeft = now.keySet().containsAll(before.keySet()) && fresh >= startedNow - startedBefore;
        return new Allocated(bytes, nobodyLeft);
    }

    private static Map<Long, Long> byThread() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> result = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            if (bytes[i] >= 0) {
                result.put(ids[i], bytes[i]);
            }
        }
        return result;
    }

    /** The JDK's own total, or -1 before JDK 21, which is newer than the release this is compiled for. */
    private static long total() {
        try {
            return (Long)
                    ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes").invoke(THREADS);
        } catch (ReflectiveOperationException e) {
            return -1;
        }
    }

    /**
     * The outcome.
     *
     * @param bytes allocated
     * @param exact false when a thread ended and its part is missing
     */
    record Allocated(long bytes, boolean exact) {}
}
