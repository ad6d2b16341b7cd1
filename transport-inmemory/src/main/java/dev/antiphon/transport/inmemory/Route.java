package dev.antiphon.transport.inmemory;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Who gets the messages of one concrete subject. Immutable but for whose turn it is. */
final class Route {

    private final InMemorySubscription[] everyone;
    private final Group[] groups;

    Route(List<InMemorySubscription> everyone, Collection<List<InMemorySubscription>> groups) {
        this.everyone = everyone.toArray(InMemorySubscription[]::new);
        this.groups = groups.stream().map(Group::new).toArray(Group[]::new);
    }

    /** Hands a message to everyone outside of groups and to one member of each group. False if there is nobody. */
    boolean deliver(InMemoryDelivery delivery) {
        for (InMemorySubscription subscription : everyone) {
            subscription.deliver(delivery);
        }
        for (Group group : groups) {
            group.next().deliver(delivery);
        }
        return everyone.length + groups.length > 0;
    }

    /**
     * The members of one queue group. Takes turns, starting anywhere: routes are made anew whenever a subscription comes
     * or goes, and with a fixed start the first member would get more than its share.
     */
    private static final class Group {

        private final InMemorySubscription[] members;
        private final AtomicInteger turn =
                new AtomicInteger(ThreadLocalRandom.current().nextInt());

        Group(List<InMemorySubscription> members) {
            this.members = members.toArray(InMemorySubscription[]::new);
        }

        InMemorySubscription next() {
            if (members.length == 1) {
                return members[0];
            }
            return members[Integer.remainderUnsigned(turn.getAndIncrement(), members.length)];
        }
    }
}
