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
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeShareGroupsOptions;
import org.apache.kafka.clients.admin.DescribeStreamsGroupsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListGroupsResult;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

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
     * @param complete whether all brokers answered, for all groups; if not, others may be read
     */
    record Seen(long began, Set<String> topics, boolean settled, boolean complete) {}

    private static final int LIMIT_MILLIS = 1_500;

    private final Admin admin;
    private final String ours;

    /** @param ours how the names of this library's groups begin */
    ForeignGroups(Admin admin, String ours) {
        this.admin = admin;
        this.ours = ours;
    }

    /** One of them, and the topics of its members. */
    private record Group(GroupState state, Set<String> topics) {}

    /** What was seen of some. */
    private record Some(List<Group> groups, boolean complete) {
        Some and(Some other) {
            return new Some(
                    Stream.concat(groups.stream(), other.groups.stream()).toList(), complete && other.complete);
        }
    }

    /** Looks at all of them. A broker that has gone is asked nevertheless, until the others know; it is not waited for. */
    CompletableFuture<Seen> look() {
        long began = System.nanoTime();
        ListGroupsResult listed =
                admin.listGroups(new ListGroupsOptions().inGroupStates(ACTIVE).timeoutMs(LIMIT_MILLIS));
        return Topics.future(listed.valid())
                .thenCompose(this::describe)
                .thenCombine(
                        Topics.future(listed.errors()),
                        (some, errors) -> errors.isEmpty() ? some : new Some(some.groups(), false))
                .thenApply(some -> seen(began, some));
    }

    private CompletableFuture<Some> describe(Collection<GroupListing> groups) {
        var share = new DescribeShareGroupsOptions().timeoutMs(LIMIT_MILLIS);
        var consumers = new DescribeConsumerGroupsOptions().timeoutMs(LIMIT_MILLIS);
        var streams = new DescribeStreamsGroupsOptions().timeoutMs(LIMIT_MILLIS);
        return Stream.of(
                        describe(
                                ids(groups, GroupType.SHARE),
                                ids -> admin.describeShareGroups(ids, share).describedGroups(),
                                ForeignGroups::ofShare),
                        describe(
                                ids(groups, GroupType.CLASSIC, GroupType.CONSUMER),
                                ids -> admin.describeConsumerGroups(ids, consumers)
                                        .describedGroups(),
                                ForeignGroups::ofConsumers),
                        describe(
                                ids(groups, GroupType.STREAMS),
                                ids -> admin.describeStreamsGroups(ids, streams).describedGroups(),
                                ForeignGroups::ofStreams))
                .reduce((one, other) -> one.thenCombine(other, Some::and))
                .orElseThrow();
    }

    private static Group ofShare(ShareGroupDescription group) {
        return new Group(
                group.groupState(),
                topics(group.members().stream()
                        .map(member -> member.assignment().topicPartitions())));
    }

    private static Group ofConsumers(ConsumerGroupDescription group) {
        return new Group(
                group.groupState(),
                topics(group.members().stream()
                        .map(member -> member.assignment().topicPartitions())));
    }

    /** What all members together read: who has which part of it does not matter. */
    private static Group ofStreams(StreamsGroupDescription group) {
        return new Group(
                group.groupState(),
                group.members().isEmpty()
                        ? Set.of()
                        : group.subtopologies().stream()
                                .flatMap(part -> part.sourceTopics().stream())
                                .collect(Collectors.toSet()));
    }

    /** What Kafka says of groups of one kind, each for itself; the kinds have no type in common. */
    private static <G> CompletableFuture<Some> describe(
            List<String> ids, Function<List<String>, Map<String, KafkaFuture<G>>> question, Function<G, Group> read) {
        if (ids.isEmpty()) {
            return CompletableFuture.completedFuture(new Some(List.of(), true));
        }
        return question.apply(ids).values().stream()
                .map(answer -> Topics.future(answer)
                        .handle((group, failure) -> failure == null
                                ? new Some(List.of(read.apply(group)), true)
                                : new Some(List.of(), isNone(Topics.unwrapped(failure)))))
                .reduce((one, other) -> one.thenCombine(other, Some::and))
                .orElseThrow();
    }

    /** Whether there is no such group, or nobody in it reads topics; otherwise it may be any that can not be looked into. */
    private static boolean isNone(Throwable failure) {
        return failure instanceof GroupIdNotFoundException || failure instanceof IllegalArgumentException;
    }

    private static Seen seen(long began, Some some) {
        Set<String> topics = new HashSet<>();
        some.groups().forEach(group -> topics.addAll(group.topics()));
        boolean settled =
                some.complete() && some.groups().stream().allMatch(group -> group.state() == GroupState.STABLE);
        return new Seen(began, topics, settled, some.complete());
    }

    private static Set<String> topics(Stream<Set<TopicPartition>> partitions) {
        return partitions.flatMap(Set::stream).map(TopicPartition::topic).collect(Collectors.toSet());
    }

    /** Those of these types whose members read topics. In groups of the classic protocol they may do something else. */
    private List<String> ids(Collection<GroupListing> groups, GroupType... types) {
        return groups.stream()
                .filter(group -> !group.groupId().startsWith(ours))
                .filter(group -> List.of(types).contains(group.type().orElse(GroupType.CLASSIC)))
                .filter(group -> group.type().orElse(GroupType.CLASSIC) != GroupType.CLASSIC
                        || group.protocol().isEmpty()
                        || group.protocol().equals("consumer"))
                .map(GroupListing::groupId)
                .toList();
    }
}
