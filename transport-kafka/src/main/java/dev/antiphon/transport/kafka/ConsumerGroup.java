package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.jspecify.annotations.Nullable;

/** What the brokers know of one consumer group, and what they are told about it. */
final class ConsumerGroup {

    private static final long EMPTY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final KafkaLink link;
    private final String name;

    ConsumerGroup(KafkaLink link, String name) {
        this.link = link;
        this.name = name;
    }

    /**
     * How soon members of a group of the new protocol are told of changes and taken for dead, which is up to the brokers. They refuse what
     * is below their own limits ({@code group.consumer.min.*}); then those of the brokers are in force.
     */
    CompletableFuture<Void> configure(Session session) {
        return change(session, Map.of("consumer.assignment.interval.ms", "0"))
                .thenCompose(done -> change(
                        session,
                        Map.of(
                                "consumer.session.timeout.ms", Integer.toString(ConsumerMember.SESSION_MILLIS),
                                "consumer.heartbeat.interval.ms", Integer.toString(ConsumerMember.HEARTBEAT_MILLIS))));
    }

    private CompletableFuture<Void> change(Session session, Map<String, String> values) {
        Collection<AlterConfigOp> changes = values.entrySet().stream()
                .map(value ->
                        new AlterConfigOp(new ConfigEntry(value.getKey(), value.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        return Topics.future(session.admin()
                        .incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, name), changes))
                        .all())
                .exceptionally(refused -> null);
    }

    /** The partitions in which the group has a place. */
    CompletableFuture<Set<TopicPartition>> begun(Session session) {
        return places(session, new ListConsumerGroupOffsetsSpec()).thenApply(GroupMember::withValue);
    }

    /** Who the topics of partitions are, and where the group's place is in another one, as far as that is known. */
    CompletableFuture<Origins> origins(Session session, Collection<TopicPartition> partitions) {
        Set<String> names = partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
        return places(session, new ListConsumerGroupOffsetsSpec().topicPartitions(partitions))
                .thenCombine(session.topics().look(names), (places, found) -> Origins.of(places, found.ids()));
    }

    /** The group's places, null where it has none; nothing, if that can not be told: then what follows tells. */
    private CompletableFuture<Map<TopicPartition, OffsetAndMetadata>> places(
            Session session, ListConsumerGroupOffsetsSpec of) {
        return Topics.future(session.admin()
                        .listConsumerGroupOffsets(Map.of(name, of))
                        .partitionsToOffsetAndMetadata(name))
                .exceptionally(unknown -> Map.of());
    }

    /**
     * Has the group begin there. Members that are still about to leave are waited for, for a moment; with others in it, it goes on where it
     * is. A share group of that name may be left from when the option was another one; it is removed, if it is empty.
     */
    CompletableFuture<Void> begin(Session session, Map<TopicPartition, Long> places) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        places.forEach((partition, place) -> offsets.put(partition, new OffsetAndMetadata(place)));
        return put(session, offsets)
                .exceptionallyCompose(failure -> Topics.unwrapped(failure) instanceof GroupIdNotFoundException
                        ? removeShareGroup(session).thenCompose(removed -> put(session, offsets))
                        : CompletableFuture.failedFuture(failure));
    }

    private CompletableFuture<Void> removeShareGroup(Session session) {
        return Topics.future(session.admin().deleteShareGroups(List.of(name)).all());
    }

    private CompletableFuture<Void> put(Session session, Map<TopicPartition, OffsetAndMetadata> offsets) {
        return Looks.until(
                        link.threads(),
                        EMPTY_NANOS,
                        () -> Topics.future(session.admin()
                                        .alterConsumerGroupOffsets(name, offsets)
                                        .all())
                                .handle((put, failure) -> {
                                    Throwable cause = failure == null ? null : Topics.unwrapped(failure);
                                    boolean inUse = cause instanceof UnknownMemberIdException
                                            || cause instanceof GroupNotEmptyException;
                                    if (cause != null && !inUse) {
                                        throw new CompletionException(cause);
                                    }
                                    return !inUse;
                                }))
                .thenAccept(this::checkOpen);
    }

    /** Who was asked in vain may have been closed. */
    private void checkOpen(boolean looked) {
        if (link.isClosed()) {
            throw link.notConnected(null);
        }
    }

    /**
     * Completes when all of these partitions have their owner, and the client is among the members; after the limit, too.
     */
    CompletableFuture<Void> settled(
            Session session, String clientId, Collection<TopicPartition> partitions, long limitNanos) {
        return Looks.until(
                        link.threads(),
                        limitNanos,
                        () -> Topics.future(session.admin()
                                        .describeConsumerGroups(List.of(name))
                                        .all())
                                .handle((groups, failure) -> (link.session() != session && link.isConnected())
                                        || (failure == null
                                                && groups.values().stream()
                                                        .allMatch(one -> isSettled(one, clientId, partitions)))))
                .thenAccept(this::checkOpen);
    }

    /** Everything has its owner, and the client is one of them, unless each of them has one partition only. */
    private static boolean isSettled(
            ConsumerGroupDescription group, String clientId, Collection<TopicPartition> partitions) {
        Set<TopicPartition> owned = new HashSet<>();
        Set<String> owners = new HashSet<>();
        boolean member = false;
        for (MemberDescription one : group.members()) {
            owned.addAll(one.assignment().topicPartitions());
            member |= one.clientId().equals(clientId);
            if (!one.assignment().topicPartitions().isEmpty()) {
                owners.add(one.clientId());
            }
        }
        return group.groupState() == GroupState.STABLE
                && owned.containsAll(partitions)
                && member
                && (owners.contains(clientId) || owners.size() >= partitions.size());
    }

    /**
     * Sees to it that a share group may have the name: an empty consumer group of that name is removed.
     *
     * @return fails when there are members
     */
    CompletableFuture<Void> makeWay(Session session, String subject) {
        return Topics.future(
                        session.admin().describeConsumerGroups(List.of(name)).all())
                .thenCompose(found -> {
                    if (found.values().stream().anyMatch(one -> !one.members().isEmpty())) {
                        throw ofAnotherKind(name, GroupMode.SHARE, subject, null);
                    }
                    return Topics.future(
                            session.admin().deleteConsumerGroups(List.of(name)).all());
                })
                .exceptionally(failure -> {
                    if (Topics.unwrapped(failure) instanceof AntiphonException refused) {
                        throw refused;
                    }
                    return null; // there is none; otherwise joining tells
                });
    }

    /** Why a group can not be joined that has members of another kind. */
    static AntiphonException ofAnotherKind(String name, GroupMode mode, String subject, @Nullable Throwable cause) {
        return new AntiphonException(
                ErrorCode.UNSUPPORTED,
                "the group " + name + " has members of another kind; give all messengers the same option "
                        + KafkaOptions.GROUPS + ", this one has \"" + mode.option() + "\"",
                cause,
                false,
                subject,
                null);
    }
}
