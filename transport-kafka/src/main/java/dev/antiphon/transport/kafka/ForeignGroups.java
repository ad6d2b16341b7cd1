package dev.antiphon.transport.kafka;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;

/** Which topics are read by groups that know nothing of this library. Readers without a group can not be seen. */
final class ForeignGroups {

    private static final Set<GroupState> ACTIVE = Set.of(
            GroupState.STABLE,
            GroupState.ASSIGNING,
            GroupState.RECONCILING,
            GroupState.PREPARING_REBALANCE,
            GroupState.COMPLETING_REBALANCE);

    private final Admin admin;
    private final String ours;

    /** @param ours how the names of this library's groups begin */
    ForeignGroups(Admin admin, String ours) {
        this.admin = admin;
        this.ours = ours;
    }

    /** Those topics that members of groups are reading. */
    CompletableFuture<Set<String>> readTopics() {
        return Topics.future(admin.listGroups(new ListGroupsOptions().inGroupStates(ACTIVE))
                        .all())
                .thenCompose(this::describe);
    }

    private CompletableFuture<Set<String>> describe(Collection<GroupListing> groups) {
        List<String> share = ids(groups, true);
        List<String> others = ids(groups, false);
        CompletableFuture<Set<String>> shared = share.isEmpty()
                ? none()
                : Topics.future(admin.describeShareGroups(share).all()).thenApply(all -> {
                    Set<String> topics = new HashSet<>();
                    all.values()
                            .forEach(group -> group.members()
                                    .forEach(member ->
                                            addTopics(member.assignment().topicPartitions(), topics)));
                    return topics;
                });
        CompletableFuture<Set<String>> consumed = others.isEmpty()
                ? none()
                : Topics.future(admin.describeConsumerGroups(others).all()).thenApply(all -> {
                    Set<String> topics = new HashSet<>();
                    all.values()
                            .forEach(group -> group.members()
                                    .forEach(member ->
                                            addTopics(member.assignment().topicPartitions(), topics)));
                    return topics;
                });
        return shared.thenCombine(consumed, (a, b) -> {
            a.addAll(b);
            return a;
        });
    }

    private static CompletableFuture<Set<String>> none() {
        return CompletableFuture.completedFuture(new HashSet<>());
    }

    private static void addTopics(Set<TopicPartition> partitions, Set<String> topics) {
        partitions.forEach(partition -> topics.add(partition.topic()));
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
