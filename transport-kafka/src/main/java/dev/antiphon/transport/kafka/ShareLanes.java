package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The native consumers of one member of a share group, over one connection. A native consumer gives out a batch, and nothing more until all
 * of it is settled: one handler that takes long would hold up the whole member. So when the handlers keep a batch for long, one more
 * consumer goes on; it ends when it has nothing to do. Any thread.
 */
final class ShareLanes implements GroupReader {

    private final int most;
    private final Function<ShareLanes, ShareLoop> opener;
    private final Executor executor;
    private final Consumer<AntiphonException> onError;
    /** The first stays, the others come and go. Guarded by this, as are those below. */
    private final List<ShareLoop> lanes = new ArrayList<>();

    private Set<String> topics;
    private boolean ending;
    private boolean opening;

    /**
     * @param most how many there may be
     * @param opener makes one, not started yet
     * @param executor for the opener, since making one takes a while
     */
    ShareLanes(
            int most,
            Set<String> topics,
            Function<ShareLanes, ShareLoop> opener,
            Executor executor,
            Consumer<AntiphonException> onError) {
        this.most = most;
        this.topics = Set.copyOf(topics);
        this.opener = opener;
        this.executor = executor;
        this.onError = onError;
    }

    /** Begins to read. */
    void start() {
        begin(opener.apply(this));
    }

    private synchronized void begin(ShareLoop lane) {
        opening = false;
        lane.read(topics);
        lanes.add(lane);
        lane.start();
        if (ending) {
            lane.lost();
        }
    }

    /** A lane has to wait for handlers. On its thread. */
    synchronized void busy() {
        if (ending || opening || lanes.size() >= most || !lanes.stream().allMatch(ShareLoop::isBusy)) {
            return;
        }
        opening = true;
        try {
            executor.execute(this::oneMore);
        } catch (RejectedExecutionException closing) {
            // nothing begins any more
        }
    }

    private void oneMore() {
        try {
            start();
        } catch (RuntimeException failure) {
            synchronized (this) {
                opening = false;
            }
            onError.accept(NativeFailure.of("reading for a queue group", failure, false, null));
        }
    }

    /** A lane has had nothing to do for long: whether it is to end. On its thread. */
    synchronized boolean idle(ShareLoop lane) {
        return !ending && lanes.get(0) != lane && lanes.remove(lane);
    }

    /** Whether the group's member of that client id is one of these. */
    synchronized boolean has(String clientId) {
        return lanes.stream().anyMatch(lane -> lane.clientId().equals(clientId));
    }

    /** The client id of the one that stays. */
    synchronized String clientId() {
        return lanes.get(0).clientId();
    }

    /** Fails when the group does not take the one that stays. */
    synchronized CompletableFuture<Void> turnedAway() {
        return lanes.get(0).turnedAway();
    }

    /** Reads these topics from now on. */
    @Override
    public synchronized void read(Set<String> newTopics) {
        topics = Set.copyOf(newTopics);
        lanes.forEach(lane -> lane.read(topics));
    }

    /** Each becomes a member anew. */
    synchronized void joinAgain() {
        lanes.forEach(ShareLoop::joinAgain);
    }

    /**
     * Takes no more than it has; settlements still work.
     *
     * @param toTheEnd whether it first takes what there is, because nobody else will
     */
    synchronized CompletableFuture<Void> stop(boolean toTheEnd) {
        ending = true;
        return all(lanes.subList(1, lanes.size()).stream()
                        .map(lane -> lane.stop(false))
                        .toList())
                .thenCompose(others -> first().stop(toTheEnd));
    }

    private synchronized ShareLoop first() {
        return lanes.get(0);
    }

    /** Gives back what is not settled, and leaves the group. */
    @Override
    public synchronized CompletableFuture<Void> close() {
        ending = true;
        return all(lanes.stream().map(ShareLoop::close).toList());
    }

    /** The connection is gone: settlements have nowhere to go. */
    @Override
    public synchronized void lost() {
        ending = true;
        lanes.forEach(ShareLoop::lost);
    }

    /** Completes when all have ended that are there now. */
    @Override
    public synchronized CompletableFuture<Void> ended() {
        return all(lanes.stream().map(ShareLoop::ended).toList());
    }

    @Override
    public synchronized boolean isOwnThread() {
        return lanes.stream().anyMatch(ShareLoop::isOwnThread);
    }

    private static CompletableFuture<Void> all(List<? extends CompletionStage<Void>> stages) {
        return CompletableFuture.allOf(
                stages.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new));
    }
}
