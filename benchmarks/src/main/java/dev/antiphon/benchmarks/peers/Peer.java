package dev.antiphon.benchmarks.peers;

import dev.antiphon.benchmarks.load.Requester;
import java.util.Arrays;
import java.util.List;

/** Everything that can be compared. */
@SuppressWarnings("ImmutableEnumChecker") // The openings are constructors and hold no state.
public enum Peer {
    /** Antiphon in memory: two messengers, one on each side. */
    ANTIPHON(Network.INMEMORY, "antiphon", "Antiphon", true, AntiphonRequester::new, AntiphonEcho::new),
    /** The event bus of Vert.x. */
    VERTX(
            Network.INMEMORY,
            "vertx",
            "Vert.x event bus",
            true,
            url -> VertxRequester.twoLoops(),
            url -> "the same object"),
    /** The same where both sides share an event loop, so that nothing changes threads. */
    VERTX_ONE_LOOP(
            Network.INMEMORY,
            "vertx-one-loop",
            "Vert.x, one event loop",
            false,
            url -> VertxRequester.oneLoop(),
            url -> "the same object"),

    /** Antiphon on both sides. */
    ANTIPHON_NATS(Network.NATS, "antiphon", "Antiphon", true, AntiphonRequester::new, AntiphonEcho::new),
    /** {@code Connection.request}, which flushes for each request. */
    JNATS(Network.NATS, "jnats", "jnats as it comes", true, JnatsRequester::asItComes, JnatsEcho::new),
    /** The same without that flush. */
    JNATS_NOFLUSH(
            Network.NATS, "jnats-noflush", "jnats, flush off", true, JnatsRequester::withoutFlush, JnatsEcho::new),
    /** Publish and an inbox by hand. */
    JNATS_INBOX(Network.NATS, "jnats-inbox", "jnats, own inbox", false, JnatsInboxRequester::new, JnatsEcho::new),
    /** Antiphon asks, plain jnats answers: tells the requester's cost from the responder's. */
    ANTIPHON_TO_JNATS(
            Network.NATS, "antiphon-to-jnats", "Antiphon to jnats", false, AntiphonRequester::new, JnatsEcho::new),

    /** Antiphon on both sides. */
    ANTIPHON_RABBITMQ(Network.RABBITMQ, "antiphon", "Antiphon", true, AntiphonRequester::new, AntiphonEcho::new),
    /** amqp-client by hand, as it comes. */
    AMQP_CLIENT(
            Network.RABBITMQ, "amqp-client", "amqp-client by hand", true, RabbitRequester::plain, RabbitEcho::plain),
    /** The same with writes to the socket collected, on both sides. */
    AMQP_CLIENT_COALESCED(
            Network.RABBITMQ,
            "amqp-client-coalesced",
            "amqp-client by hand, coalesced writes",
            true,
            RabbitRequester::coalesced,
            RabbitEcho::coalesced),
    /** The same as the first with what Antiphon's promises take of the broker. */
    AMQP_CLIENT_GUARDED(
            Network.RABBITMQ,
            "amqp-client-guarded",
            "amqp-client by hand, same promises",
            true,
            RabbitRequester::guarded,
            RabbitEcho::guarded),
    /** Spring over direct reply-to. */
    SPRING_DIRECT(
            Network.RABBITMQ,
            "spring-direct",
            "Spring AsyncRabbitTemplate, direct reply-to",
            true,
            SpringRabbitRequester::direct,
            RabbitEcho::plain),
    /** Spring with a listener container for its replies. */
    SPRING_CONTAINER(
            Network.RABBITMQ,
            "spring-container",
            "Spring AsyncRabbitTemplate, container",
            true,
            SpringRabbitRequester::container,
            RabbitEcho::plain),
    /** Spring on both sides, as a service made with it would be. */
    SPRING(
            Network.RABBITMQ,
            "spring",
            "Spring on both sides",
            true,
            SpringRabbitRequester::ofSpring,
            SpringRabbitEcho::new),
    /** Antiphon over a plain queue instead of the topic exchange: what the others here do. */
    ANTIPHON_QUEUES(
            Network.RABBITMQ,
            "antiphon-queues",
            "Antiphon, plain queue",
            true,
            url -> new AntiphonRequester(url + "?subjects=queues"),
            url -> new AntiphonEcho(url + "?subjects=queues")),
    /** Antiphon with direct reply-to in the place of a reply queue. */
    ANTIPHON_DIRECT(
            Network.RABBITMQ,
            "antiphon-direct",
            "Antiphon, direct reply-to",
            false,
            url -> new AntiphonRequester(url + "?reply=direct"),
            AntiphonEcho::new),
    /** The RPC client of amqp-client. */
    RPC_CLIENT(
            Network.RABBITMQ, "rpc-client", "amqp-client RpcClient", true, RabbitRpcRequester::new, RabbitEcho::plain),

    /** Antiphon on both sides. */
    ANTIPHON_KAFKA(Network.KAFKA, "antiphon", "Antiphon", true, AntiphonRequester::new, AntiphonEcho::new),
    /** The same without changing threads for callbacks, and with one thread for handlers. */
    ANTIPHON_KAFKA_SAME_THREAD(
            Network.KAFKA,
            "antiphon-same-thread",
            "Antiphon, callbacks on the transport's threads",
            false,
            AntiphonRequester::onTransportThread,
            AntiphonEcho::onTransportThread),
    /** Antiphon with as many produce requests in flight as the native producer has by default. */
    ANTIPHON_KAFKA_PIPELINED(
            Network.KAFKA,
            "antiphon-pipelined",
            "Antiphon, five produce requests in flight",
            false,
            url -> new AntiphonRequester(url + "?properties=max.in.flight.requests.per.connection=5"),
            url -> new AntiphonEcho(url + "?properties=max.in.flight.requests.per.connection=5")),
    /** kafka-clients by hand, with the settings that make it quick. */
    KAFKA_CLIENTS(Network.KAFKA, "kafka-clients", "kafka-clients by hand", true, KafkaRequester::new, KafkaEcho::new),
    /** The same with as many produce requests in flight as the native producer has by default. */
    KAFKA_CLIENTS_PIPELINED(
            Network.KAFKA,
            "kafka-clients-pipelined",
            "kafka-clients by hand, five produce requests in flight",
            false,
            url -> new KafkaRequester(url + "?max.in.flight.requests.per.connection=5"),
            url -> new KafkaEcho(url + "?max.in.flight.requests.per.connection=5")),
    /** Spring asks, kafka-clients by hand answers. */
    SPRING_KAFKA(
            Network.KAFKA, "spring", "Spring ReplyingKafkaTemplate", true, SpringKafkaRequester::new, KafkaEcho::new),
    /** Spring on both sides, as a service made with it would be. */
    SPRING_KAFKA_BOTH(
            Network.KAFKA,
            "spring-both",
            "Spring on both sides",
            true,
            SpringKafkaRequester::ofSpring,
            SpringKafkaEcho::new);

    private final Network network;
    private final String id;
    private final String title;
    private final boolean byDefault;
    private final Opening<? extends Requester> requester;
    private final Opening<?> responder;

    Peer(
            Network network,
            String id,
            String title,
            boolean byDefault,
            Opening<? extends Requester> requester,
            Opening<?> responder) {
        this.network = network;
        this.id = id;
        this.title = title;
        this.byDefault = byDefault;
        this.requester = requester;
        this.responder = responder;
    }

    /** All peers of a network, in the order in which they run. */
    public static List<Peer> of(Network network) {
        return Arrays.stream(values()).filter(p -> p.network == network).toList();
    }

    /** The name on the command line; unique within its network. */
    public String id() {
        return id;
    }

    /** The name in the report. */
    public String title() {
        return title;
    }

    /** Whether it runs when no peers are named. */
    public boolean byDefault() {
        return byDefault;
    }

    /** Whether it is Antiphon on both sides, which the ratios compare with the others. */
    public boolean ours() {
        return id.equals(ANTIPHON.id);
    }

    /** Whether requester and responder share a JVM. */
    public boolean oneJvm() {
        return network == Network.INMEMORY;
    }

    /** Whether a waiting thread is a use of it: nobody waits on an event loop, nor for a publish. */
    public boolean canBlock() {
        return switch (this) {
            case VERTX_ONE_LOOP,
                    JNATS_INBOX,
                    AMQP_CLIENT,
                    AMQP_CLIENT_COALESCED,
                    AMQP_CLIENT_GUARDED,
                    KAFKA_CLIENTS,
                    KAFKA_CLIENTS_PIPELINED -> false;
            default -> true;
        };
    }

    /** Opens the asking side in this JVM. */
    public Requester openRequester(String url) throws Exception {
        return requester.open(url);
    }

    /**
     * Opens the answering side in this JVM; when it returns, requests reach it.
     *
     * @return what must stay referenced while it answers
     */
    public Object openResponder(String url) throws Exception {
        return responder.open(url);
    }
}
