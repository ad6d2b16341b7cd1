package dev.antiphon.transport.kafka;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who serves what, as the messengers have told each other: the look-up that every request makes. Looking up takes no lock.
 */
final class Registry {

    /** One that is there. */
    private static final class Peer {
        Map<Interest, Integer> interests = new HashMap<>();
        long expires;
        int replyPartition;
    }

    /** Subjects and patterns, and how often each is there. */
    private static final class Served {
        private final Map<String, Integer> exact = new ConcurrentHashMap<>();
        private final Map<SubjectPattern, Integer> patternCounts = new HashMap<>();
        private volatile List<SubjectPattern> patterns = List.of();

        boolean has(String subject) {
            if (exact.containsKey(subject)) {
                return true;
            }
            for (SubjectPattern pattern : patterns) {
                if (pattern.matches(subject)) {
                    return true;
                }
            }
            return false;
        }

        void count(SubjectPattern pattern, int by) {
            if (pattern.isExact()) {
                exact.merge(pattern.text(), by, (a, b) -> a + b == 0 ? null : a + b);
            } else {
                patternCounts.merge(pattern, by, (a, b) -> a + b == 0 ? null : a + b);
                patterns = List.copyOf(patternCounts.keySet());
            }
        }
    }

    private final Map<String, Peer> peers = new HashMap<>();
    private final Served all = new Served();
    private final Served byGroups = new Served();

    /** Whether anybody serves a subject. */
    boolean serves(String subject) {
        return all.has(subject);
    }

    /** Whether a queue group does. */
    boolean isServedByGroup(String subject) {
        return byGroups.has(subject);
    }

    /** How many members a group has at a subject, those of this messenger included. */
    synchronized int members(Interest interest) {
        return peers.values().stream()
                .mapToInt(peer -> peer.interests.getOrDefault(interest, 0))
                .sum();
    }

    /** A partition for replies that few others use. */
    synchronized int freeReplyPartition(int count, int start) {
        int[] used = new int[count];
        peers.values().stream()
                .filter(peer -> peer.replyPartition >= 0 && peer.replyPartition < count)
                .forEach(peer -> used[peer.replyPartition]++);
        int best = Math.floorMod(start, count);
        for (int i = 0; i < count; i++) {
            int candidate = Math.floorMod(start + i, count);
            best = used[candidate] < used[best] ? candidate : best;
        }
        return best;
    }

    synchronized void apply(PresenceRecord record, long now) {
        Peer peer = peers.get(record.id());
        switch (record.kind()) {
            case ALIVE -> replace(record, peer == null ? add(record.id()) : peer);
            case JOIN -> change(peer, record.interests(), 1);
            case LEAVE -> change(peer, record.interests(), -1);
            case GONE -> remove(record.id());
            case TOPIC -> {
                // concerns readers of topics
            }
        }
        Peer seen = peers.get(record.id());
        if (seen != null) {
            seen.expires = now + TimeUnit.MILLISECONDS.toNanos(record.expiryMillis());
        }
    }

    private Peer add(String id) {
        Peer peer = new Peer();
        peers.put(id, peer);
        return peer;
    }

    private void replace(PresenceRecord record, Peer peer) {
        Map<Interest, Integer> now = new HashMap<>();
        record.interests().forEach(interest -> now.merge(interest, 1, Integer::sum));
        peer.replyPartition = record.replyPartition();
        if (now.equals(peer.interests)) {
            return;
        }
        Map<Interest, Integer> before = peer.interests;
        peer.interests = now;
        now.forEach((interest, count) -> count(interest, count)); // first, so that what stays is always there
        before.forEach((interest, count) -> count(interest, -count));
    }

    private void change(@Nullable Peer peer, List<Interest> interests, int by) {
        if (peer == null) {
            return; // the next ALIVE tells all
        }
        for (Interest interest : interests) {
            if (by > 0 || peer.interests.containsKey(interest)) {
                peer.interests.merge(interest, by, (a, b) -> a + b == 0 ? null : a + b);
                count(interest, by);
            }
        }
    }

    private void count(Interest interest, int by) {
        all.count(interest.pattern(), by);
        if (interest.group() != null) {
            byGroups.count(interest.pattern(), by);
        }
    }

    private void remove(String id) {
        Peer peer = peers.remove(id);
        if (peer != null) {
            peer.interests.forEach((interest, count) -> count(interest, -count));
        }
    }

    /** Forgets those who have not been heard of for too long. */
    synchronized void expire(long now) {
        List<String> dead = peers.entrySet().stream()
                .filter(peer -> peer.getValue().expires - now < 0)
                .map(Map.Entry::getKey)
                .toList();
        dead.forEach(this::remove);
    }

    synchronized void clear() {
        List.copyOf(peers.keySet()).forEach(this::remove);
    }
}
