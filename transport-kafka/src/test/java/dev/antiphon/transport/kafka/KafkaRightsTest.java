package dev.antiphon.transport.kafka;

import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.PatternType.LITERAL;
import static org.apache.kafka.common.resource.PatternType.PREFIXED;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Brokers that allow what the documentation asks for, and nothing more. */
class KafkaRightsTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static KafkaBroker broker;
    private static Admin admin;

    @BeforeAll
    static void startWithRights() throws Exception {
        broker = KafkaBrokers.open(KafkaConfig.plain()
                .withUser("admin", "admin")
                .withScramUser("alice", "alice")
                .withProperty("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .withProperty("super.users", "User:admin;User:ANONYMOUS")); // anonymous are the brokers themselves
        admin = Admin.create(PlainKafkaClient.properties(url("admin")));
        List<AclBinding> rights = new ArrayList<>();
        for (AclOperation operation : List.of(READ, WRITE, DESCRIBE, CREATE)) {
            rights.add(right(TOPIC, "antiphon.", operation, PREFIXED));
            rights.add(right(TOPIC, "orders.", operation, PREFIXED));
        }
        rights.add(right(GROUP, "*", DESCRIBE, LITERAL));
        for (AclOperation operation : List.of(READ, ALTER_CONFIGS, DELETE)) {
            rights.add(right(GROUP, "antiphon:", operation, PREFIXED));
        }
        admin.createAcls(rights).all().get();
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    private static AclBinding right(ResourceType type, String name, AclOperation operation, PatternType pattern) {
        return new AclBinding(
                new ResourcePattern(type, name, pattern),
                new AccessControlEntry("User:alice", "*", operation, AclPermissionType.ALLOW));
    }

    private static String url(String user) {
        return broker.url().replace("://", "://" + user + ":" + user + "@");
    }

    private static Messenger alice() {
        return Messenger.connect(url("alice") + "?sasl=SCRAM-SHA-256");
    }

    @Test
    void everything_withTheRightsOfTheDocumentation_works() {
        try (Messenger responder = alice();
                Messenger requester = alice()) {
            responder.respond("orders.one", Request::message);
            responder.respond("orders.many", Request::message, RespondOptions.queueGroup("workers"));
            RequestOptions options = RequestOptions.timeout(LIMIT);

            assertThat(requester
                            .request("orders.one", Message.of("1"), options)
                            .join()
                            .text())
                    .isEqualTo("1");
            assertThat(requester
                            .request("orders.many", Message.of("2"), options)
                            .join()
                            .text())
                    .isEqualTo("2");
            assertThat(failure(requester, "orders.nobody")).isEqualTo(ErrorCode.NO_RESPONDERS);
        }
    }

    @Test
    void request_toATopicOfOthers_isDeniedAndHarmsNobody() {
        try (Messenger messenger = alice()) {
            var denied = messenger.request("secrets.one", Message.of("?"));
            var unserved = messenger.request("orders.nobody", Message.of("?"));

            assertThat(catchThrowableOfType(AntiphonException.class, denied::join))
                    .hasMessageContaining("secrets.one")
                    .extracting(AntiphonException::code)
                    .isEqualTo(ErrorCode.PERMISSION_DENIED);
            assertThat(catchThrowableOfType(AntiphonException.class, unserved::join)
                            .code())
                    .isEqualTo(ErrorCode.NO_RESPONDERS);
        }
    }

    @Test
    void subscribe_toATopicOfOthers_isDenied() {
        try (Messenger messenger = alice()) {
            AntiphonException denied = catchThrowableOfType(
                    AntiphonException.class, () -> messenger.subscribe("secrets.one", delivery -> {}));

            assertThat(denied.code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "share", "consumer", "classic"})
    void reconnect_whenOneSubscriptionHasLostItsRights_succeedsAndTheOthersGoOn(String groups) throws Exception {
        // Of its own: groups of another kind may have members for a while that could not say goodbye.
        String root = "orders." + UUID.randomUUID();
        String lost = root + ".lost";
        SubscribeOptions options =
                groups.isEmpty() ? SubscribeOptions.DEFAULTS : SubscribeOptions.queueGroup("workers");
        AclBinding denied = new AclBinding(
                new ResourcePattern(TOPIC, lost, LITERAL),
                new AccessControlEntry("User:alice", "*", AclOperation.ALL, AclPermissionType.DENY));
        List<String> received = new CopyOnWriteArrayList<>();
        String url = broker.proxiedUrl().replace("://", "://alice:alice@") + "?sasl=SCRAM-SHA-256"
                + (groups.isEmpty() ? "" : "&groups=" + groups);
        try (Messenger messenger = Messenger.connect(url);
                Messenger publisher = Messenger.connect(url("admin"))) {
            messenger.subscribe(lost, delivery -> {}, options);
            messenger.subscribe(
                    lost + ".other", delivery -> received.add(delivery.message().text()), options);
            messenger.subscribe(
                    root + ".*", delivery -> received.add(delivery.message().text()), options);
            publisher.publish(lost, Message.of("makes it")).get(20, TimeUnit.SECONDS);
            publisher.publish(lost + "2", Message.of("makes the other one")).get(20, TimeUnit.SECONDS);
            admin.createAcls(List.of(denied)).all().get();

            broker.proxy().disappear();
            Awaitility.await("the loss is noticed")
                    .atMost(LIMIT)
                    .until(() -> messenger.state() == ConnectionState.RECONNECTING);
            broker.proxy().heal();
            Awaitility.await("it is connected again")
                    .atMost(LIMIT)
                    .until(() -> messenger.state() == ConnectionState.CONNECTED);
            publisher.publish(lost + ".other", Message.of("after")).get(20, TimeUnit.SECONDS);
            publisher.publish(lost + "2", Message.of("by pattern")).get(20, TimeUnit.SECONDS);

            Awaitility.await("both are received")
                    .atMost(LIMIT)
                    .until(() -> received.containsAll(List.of("after", "by pattern")));
        }
    }

    /** It may read anything: so nobody can say that nobody serves a topic, but those who do are found. */
    @Test
    void groupOfOthers_thatMayNotBeLookedInto_hidesNoOtherGroup() throws Exception {
        try (RawClient others = PlainKafkaClient.open(url("admin"), "topics");
                Messenger messenger = alice()) {
            admin.createTopics(List.of(new NewTopic("orders.unserved", 1, (short) 1)))
                    .all()
                    .get();
            others.subscribe("orders.theirs", "visible", request -> request.reply(request.message()));
            others.subscribe(
                    "secrets.two", "hidden", request -> {}); // last, so that it is the last one that is settled

            RequestOptions options = RequestOptions.timeout(LIMIT);
            assertThat(messenger
                            .request("orders.theirs", Message.of("1"), options)
                            .join()
                            .text())
                    .isEqualTo("1");
            assertThat(failure(messenger, "orders.nobody")).isEqualTo(ErrorCode.NO_RESPONDERS);
            assertThat(failure(messenger, "orders.unserved")).isIn(ErrorCode.TIMEOUT, ErrorCode.NO_RESPONDERS);
        }
    }

    private static ErrorCode failure(Messenger requester, String subject) {
        return catchThrowableOfType(
                        AntiphonException.class,
                        () -> requester.request(subject, Message.of("?")).join())
                .code();
    }
}
