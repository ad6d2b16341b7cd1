package dev.antiphon.transport.inmemory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The subscriptions of a broker, and a cache from concrete subjects to who gets their messages.
 *
 * <p>A publisher needs one look-up in the cache. Changes of the subscriptions, and the filling of the cache, happen under
 * one lock, and a change empties the cache: so it never holds a route that was resolved before the last change. A
 * publisher may still use a route it looked up earlier; {@link GracePeriods} deals with those.
 */
final class RoutingTable {

    /** Beyond this many subjects the cache starts anew: subjects with an id in them would fill the heap. */
    static final int MAX_CACHED = 8192;

    private final Map<String, List<InMemorySubscription>> literals = new HashMap<>();
    private final List<InMemorySubscription> patterns = new ArrayList<>();
    private final ConcurrentHashMap<String, Route> cache = new ConcurrentHashMap<>();

    /** Who gets the messages of this subject. */
    Route route(String subject) {
        Route route = cache.get(subject);
        return route != null ? route : resolve(subject);
    }

    synchronized void add(InMemorySubscription subscription) {
        if (SubjectPattern.isPattern(subscription.subject())) {
            patterns.add(subscription);
        } else {
            literals.computeIfAbsent(subscription.subject(), s -> new ArrayList<>(1))
                    .add(subscription);
        }
        cache.clear();
    }

    synchronized void remove(InMemorySubscription subscription) {
        patterns.remove(subscription);
        literals.computeIfPresent(subscription.subject(), (subject, list) -> {
            list.remove(subscription);
            return list.isEmpty() ? null : list;
        });
        cache.clear();
    }

    int cached() {
        return cache.size();
    }

    private synchronized Route resolve(String subject) {
        List<InMemorySubscription> everyone = new ArrayList<>();
        Map<String, List<InMemorySubscription>> groups = new LinkedHashMap<>();
        for (InMemorySubscription subscription : literals.getOrDefault(subject, List.of())) {
            collect(subscription, everyone, groups);
        }
        for (InMemorySubscription subscription : patterns) {
            if (SubjectPattern.matches(subscription.subject(), subject)) {
                collect(subscription, everyone, groups);
            }
        }
        Route route = new Route(everyone, groups.values());
        if (cache.size() >= MAX_CACHED) {
            cache.clear();
        }
        cache.put(subject, route);
        return route;
    }

    private static void collect(
            InMemorySubscription subscription,
            List<InMemorySubscription> everyone,
            Map<String, List<InMemorySubscription>> groups) {
        subscription
                .group()
                .map(group -> groups.computeIfAbsent(group, g -> new ArrayList<>()))
                .orElse(everyone)
                .add(subscription);
    }
}
