package dev.antiphon.transport.kafka;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Which topics are read by groups that know nothing of this library. Readers without a group can not be seen. */
final class ForeignGroups {

    private static final Set<GroupState> ACTIVE = Set.of(
            GroupState.STABLE,
            GroupState.ASSIGNING,
            GroupState.RECONCILING,
            GroupState.PREPARING_REBALANCE,
            GroupState.COMPLETING_REBALANCE);

    /**
     * What was seen.
     *
     * @param began when the look began, by {@link System#nanoTime}
     * @param topics those that members of groups are reading
     * @param settled whether no group was about to give its members other topics: then nobody reads what is not among these
     */
    record Seen(long began, Set<String> topics, boolean settled) {}

    private final Admin admin;
    private final String ours;

    /** @param ours how the names of this library's groups begin */
    ForeignGroups(Admin admin, String ours) {
        this.admin = admin;
        this.ours = ours;
    }

    /** One of them, and the topics of its members. */
    private record Group(GroupState state, Set<String> topics) {}

    /** Looks at all of them. */
    CompletableFuture<Seen> look() {
        long began = System.nanoTime();
        return Topics.future(admin.listGroups(new ListGroupsOptions().inGroupStates(ACTIVE))
                        .all())
                .thenCompose(groups -> {
                    CompletableFuture<List<Group>> share = describe(
                            ids(groups, true),
                            ids -> admin.describeShareGroups(ids).all(),
                            group -> new Group(
                                    group.groupState(),
                                    topics(group.members().stream()
                                            .map(member -> member.assignment().topicPartitions()))));
                    CompletableFuture<List<Group>> others = describe(
                            ids(groups, false),
                            ids -> admin.describeConsumerGroups(ids).all(),
                            group -> new Group(
                                    group.groupState(),
                                    topics(group.members().stream()
                                            .map(member -> member.assignment().topicPartitions()))));
                    return share.thenCombine(others, (one, other) -> seen(began, Stream.of(one, other)));
                });
    }

    /** What Kafka says of groups of one kind; the kinds have no type in common. */
    private static <G> CompletableFuture<List<Group>> describe(
            List<String> ids, Function<List<String>, KafkaFuture<Map<String, G>>> question, Function<G, Group> read) {
        return ids.isEmpty()
                ? CompletableFuture.completedFuture(List.of())
                : Topics.future(question.apply(ids))
                        .thenApply(all -> all.values().stream().map(read).toList());
    }

    private static Seen seen(long began, Stream<List<Group>> kinds) {
        List<Group> groups = kinds.flatMap(List::stream).toList();
        Set<String> topics = new HashSet<>();
        groups.forEach(group -> topics.addAll(group.topics()));
        return new Seen(began, topics, groups.stream().allMatch(group -> group.state() == GroupState.STABLE));
    }

    private static Set<String> topics(Stream<Set<TopicPartition>> partitions) {
        return partitions.flatMap(Set::stream).map(TopicPartition::topic).collect(Collectors.toSet());
    }

    private List<String> ids(Collection<GroupListing> groups, boolean share) {
        return groups.stream()
                .filter(group -> !group.groupId().startsWith(ours))
                .filter(group -> (group.type().orElse(GroupType.CLASSIC) == GroupType.SHARE) == share)
                .filter(group -> group.type().orElse(GroupType.CLASSIC) != GroupType.STREAMS)
                .map(GroupListing::groupId)
                .toList();
    }
}
