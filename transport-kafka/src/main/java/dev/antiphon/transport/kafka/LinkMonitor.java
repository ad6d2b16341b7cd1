package dev.antiphon.transport.kafka;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;

/**
 * Finds out that the brokers are gone. The native clients do not tell, but they count: the consumer, which always has a request at a
 * broker, knows how many connections it has, how many were closed, and how many answers came. All closed at once, or no answer for
 * long, is a loss. One of several brokers that goes is none: the native clients find the new leaders.
 */
final class LinkMonitor {

    /** So long it may take to be connected to another one of several brokers. */
    private static final long ELSEWHERE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Metric open;
    private final Metric closed;
    private final Metric answers;
    private final boolean several;
    private final long silenceNanos;
    private final Runnable onBrokerLost;
    private final Consumer<String> onLost;
    private double openBefore;
    private double closedBefore;
    private double answersBefore = -1;
    private long lastAnswer = System.nanoTime();
    private long lastGap;

    /**
     * @param several whether there is more than one broker: then others may be there when all connections there were have been closed
     * @param onBrokerLost runs when one of several may have gone
     * @param onLost told why there is no connection any more
     */
    LinkMonitor(
            KafkaConsumer<byte[], byte[]> consumer,
            boolean several,
            long silenceNanos,
            Runnable onBrokerLost,
            Consumer<String> onLost) {
        this.several = several;
        open = metric(consumer, "connection-count");
        closed = metric(consumer, "connection-close-total");
        answers = metric(consumer, "response-total");
        this.silenceNanos = silenceNanos;
        this.onBrokerLost = onBrokerLost;
        this.onLost = onLost;
        openBefore = value(open);
        closedBefore = value(closed);
    }

    private static Metric metric(KafkaConsumer<byte[], byte[]> consumer, String name) {
        for (Map.Entry<MetricName, ? extends Metric> entry : consumer.metrics().entrySet()) {
            if (entry.getKey().name().equals(name) && entry.getKey().group().equals("consumer-metrics")) {
                return entry.getValue();
            }
        }
        throw new IllegalStateException("the Kafka client has no metric " + name);
    }

    private static double value(Metric metric) {
        return metric.metricValue() instanceof Double number ? number : 0;
    }

    /** For how long there was no answer; once one has come, for how long there had been none before it. */
    long silentNanos(long now) {
        return Math.max(now - lastAnswer, lastGap);
    }

    /** Looks. Calls back for each loss it sees. */
    void tick(long now) {
        String lost = look(now);
        if (lost != null) {
            onLost.accept(lost);
        }
    }

    private @Nullable String look(long now) {
        double openNow = value(open);
        double closedNow = value(closed);
        double answersNow = value(answers);
        if (several && closedNow > closedBefore) {
            onBrokerLost.run();
        }
        boolean allClosed = closedNow > closedBefore && (openNow == 0 || closedNow - closedBefore >= openBefore);
        openBefore = openNow;
        closedBefore = closedNow;
        if (answersNow != answersBefore) {
            answersBefore = answersNow;
            lastGap = now - lastAnswer;
            lastAnswer = now;
        } else {
            lastGap = 0;
        }
        if (several ? openNow == 0 && now - lastAnswer > ELSEWHERE_NANOS : allClosed) {
            return "all connections were closed";
        }
        return now - lastAnswer > silenceNanos ? "the brokers do not answer" : null;
    }
}
