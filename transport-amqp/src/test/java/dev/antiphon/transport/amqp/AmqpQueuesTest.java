package dev.antiphon.transport.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.RpcClient;
import com.rabbitmq.client.RpcClientParams;
import com.rabbitmq.client.RpcServer;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.RabbitBrokers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The mode in which a subject is the name of a queue, with the RPC classes of the native client on the other side. */
class AmqpQueuesTest {

    private final RabbitBroker broker = RabbitBrokers.shared();
    private final Links links = new Links();
    private final String queue = "rpc-" + UUID.randomUUID();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        links.close();
    }

    @Test
    void respond_toANativeRpcClient_answersIt() throws Exception {
        messenger().respond(queue, request -> Message.of(request.subject().length() + " " + request.text()));
        Channel channel = links.plainClient(broker).createChannel();
        RpcClient client = new RpcClient(new RpcClientParams()
                .channel(channel)
                .exchange("")
                .routingKey(queue)
                .timeout(10_000));
        assertThat(client.stringCall("hello")).isEqualTo(queue.length() + " hello");
        client.close();
    }

    @Test
    void request_toANativeRpcServer_isAnswered() throws IOException {
        serve();
        Messenger requester = messenger();
        for (int i = 0; i < 100; i++) {
            assertThat(requester.request(queue, Message.of("hello " + i)).join().text())
                    .isEqualTo("served hello " + i);
        }
    }

    @Test
    void request_toAQueueThatIsMissing_hasNoResponders() {
        Messenger requester = messenger();
        for (int i = 0; i < 3; i++) {
            assertNoResponders(requester);
        }
    }

    @Test
    void request_toAQueueThatNobodyConsumes_hasNoRespondersUntilSomebodyDoes() throws IOException {
        Channel channel = links.plainClient(broker).createChannel();
        channel.queueDeclare(queue, false, false, false, null);
        Messenger requester = messenger();
        assertNoResponders(requester);
        assertThat(channel.messageCount(queue)).isZero();
        serve();
        assertThat(requester.request(queue, Message.of("!")).join().text()).isEqualTo("served !");
        channel.queueDelete(queue);
    }

    @Test
    void subscribe_takesWhatIsPublishedToTheQueue() {
        Messenger messenger = messenger();
        List<String> received = new java.util.concurrent.CopyOnWriteArrayList<>();
        messenger.subscribe(queue, delivery -> received.add(delivery.text()));
        messenger.publish(queue, Message.of("job")).join();
        await().untilAsserted(() -> assertThat(received).containsExactly("job"));
    }

    @Test
    void subscribe_toAPattern_isUnsupported() {
        AntiphonException failure = catchThrowableOfType(
                AntiphonException.class, () -> messenger().subscribe(queue + ".*", delivery -> {}));
        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED);
    }

    private void assertNoResponders(Messenger requester) {
        AntiphonException failure = catchThrowableOfType(
                AntiphonException.class,
                () -> requester.request(queue, Message.of("?")).join());
        assertThat(failure.code()).isEqualTo(ErrorCode.NO_RESPONDERS);
    }

    private void serve() throws IOException {
        Channel channel = links.plainClient(broker).createChannel();
        channel.queueDeclare(queue, false, false, false, null);
        RpcServer server = new RpcServer(channel, queue) {
            @Override
            public byte[] handleCall(byte[] body, BasicProperties replyProperties) {
                return ("served " + new String(body, UTF_8)).getBytes(UTF_8);
            }
        };
        Thread thread = new Thread(() -> {
            try {
                server.mainloop();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        open.add(() -> {
            server.terminateMainloop();
            try {
                channel.queueDelete(queue);
                channel.close();
            } catch (IOException | TimeoutException | com.rabbitmq.client.AlreadyClosedException e) {
                // another test's end
            }
        });
    }

    private Messenger messenger() {
        Messenger messenger = Messenger.builder()
                .url(broker.url())
                .option("subjects", "queues")
                .requestTimeout(Duration.ofSeconds(10))
                .connect();
        open.add(messenger);
        return messenger;
    }
}
