package dev.antiphon.transport.kafka;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All that lives longer than a connection, and how it gets from one to the next. Any thread; one connection is opened at a time. */
final class Restorables {

    private final Set<Restorable> all = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Session last;
    /** The cluster at which everything was restored last. */
    private volatile @Nullable String resumedAt;

    void add(Restorable restorable) {
        all.add(restorable);
    }

    void remove(Restorable restorable) {
        all.remove(restorable);
    }

    void clear() {
        all.clear();
    }

    /** Whether there was a connection before. */
    boolean hadConnection() {
        return last != null;
    }

    // -- From one connection to the next --

    /** A new connection takes over, before it reads; true if what was there before goes on with it. Blocks. */
    boolean resume(Session next) {
        Session before = last;
        last = next;
        boolean same = before == null || isSame(before, next);
        if (before != null) {
            before.loop().close().join();
            if (same) {
                next.loop().takeOver(before.loop());
                lookFor(next);
            }
            for (Restorable restorable : all) {
                restorable.restore(next, same);
            }
        }
        resumedAt = next.clusterId();
        return same;
    }

    /** The brokers may have other topics of these names than before. */
    private static void lookFor(Session next) {
        Set<String> names = next.loop().topics();
        Topics.Found found = next.topics().look(names).join();
        names.removeAll(found.hidden().keySet());
        names.forEach(next.loop()::putAside);
        next.loop().lookedFor(names, found.ids());
    }

    /** Also where it was tried before, in vain: at other brokers, some may have begun anew there, and some not. */
    private boolean isSame(Session before, Session next) {
        return next.clusterId().equals(before.clusterId()) && next.clusterId().equals(resumedAt);
    }

    /** And when it reads. */
    CompletableFuture<Void> rejoin(Session next, boolean same) {
        return CompletableFuture.allOf(
                all.stream().map(restorable -> restorable.rejoin(next, same)).toArray(CompletableFuture<?>[]::new));
    }

    /** The connection is lost, or closed for good. */
    void lost() {
        all.forEach(Restorable::lost);
    }

    /** Each completes when nothing of it is held at the broker any more. */
    Stream<CompletableFuture<Void>> closing() {
        return all.stream().map(Restorable::closing);
    }

    // -- Topics that appear --

    /** A messenger has made a topic, perhaps this one. */
    void topicMade(String topic) {
        Session latest = last;
        if (latest != null) {
            latest.topics().haveExisted(Set.of(topic));
        }
        all.forEach(restorable -> restorable.topicMade(topic));
    }

    /** Looks for topics and partitions that nobody told of, for all at once; and whether all that are needed are still there. */
    void refresh(Session current) {
        Set<String> needed = current.needed();
        CompletableFuture<Set<String>> names = all.stream().anyMatch(Restorable::watchesAll)
                ? current.topics().names()
                : CompletableFuture.completedFuture(Set.of());
        CompletableFuture<Void> unused = names.thenApply(found -> watched(found, needed))
                .thenCompose(watched -> current.topics().look(watched).thenAccept(found -> {
                    watched.removeAll(found.hidden().keySet());
                    needed.removeAll(found.hidden().keySet());
                    current.remake(needed, found.counts().keySet());
                    current.loop().execute(() -> looked(current, watched, found));
                }));
    }

    private Set<String> watched(Set<String> names, Set<String> needed) {
        Set<String> watched = new HashSet<>(needed);
        all.forEach(restorable -> watched.addAll(restorable.watched()));
        names.stream()
                .filter(name -> all.stream().anyMatch(restorable -> restorable.watches(name)))
                .forEach(watched::add);
        return watched;
    }

    private void looked(Session current, Set<String> watched, Topics.Found found) {
        current.loop().lookedFor(watched, found.ids());
        all.forEach(restorable -> restorable.found(found));
    }
}
