package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On the broker that all tests share; each takes back what it did. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RabbitAdminTest {
    private final RabbitBroker broker = RabbitBrokers.shared();
    private final RabbitAdmin admin = broker.admin();

    @Test
    void memoryAlarm_blocksAConnectionThatPublishes_untilCleared() throws Exception {
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            CompletableFuture<String> blocked = new CompletableFuture<>();
            CompletableFuture<String> unblocked = new CompletableFuture<>();
            client.connection().addBlockedListener(blocked::complete, () -> unblocked.complete(""));
            try {
                admin.raiseMemoryAlarm();
                client.channel().basicPublish("amq.topic", "some", null, new byte[1]);
                assertThat(blocked.get(30, TimeUnit.SECONDS)).contains("memory");
                assertThat(unblocked).isNotDone();
            } finally {
                admin.clearMemoryAlarm();
            }
            unblocked.get(30, TimeUnit.SECONDS);
            client.assertServed();
        }
    }

    @Test
    void deleteQueue_cancelsItsConsumers() throws Exception {
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            CompletableFuture<String> cancelled = new CompletableFuture<>();
            client.channel().queueDeclare("doomed", false, false, false, null);
            String tag = client.channel().basicConsume("doomed", (its, delivery) -> {}, cancelled::complete);
            admin.deleteQueue("/", "doomed");
            assertThat(cancelled.get(30, TimeUnit.SECONDS)).isEqualTo(tag);
        }
    }

    @Test
    void deleteQueue_ofAnExclusiveOne_worksToo() throws Exception {
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            CompletableFuture<String> cancelled = new CompletableFuture<>();
            String queue = client.channel().queueDeclare().getQueue();
            String tag = client.channel().basicConsume(queue, (its, delivery) -> {}, cancelled::complete);
            admin.deleteQueue("/", queue);
            assertThat(cancelled.get(30, TimeUnit.SECONDS)).isEqualTo(tag);
        }
    }

    @Test
    void closeConnections_isSaidToTheClient() throws Exception {
        try (PlainRabbit client = PlainRabbit.of(broker.url(), "to close", factory -> {});
                PlainRabbit other = PlainRabbit.of(broker.url(), "to keep", factory -> {})) {
            CompletableFuture<ShutdownSignalException> shutdown = new CompletableFuture<>();
            client.connection().addShutdownListener(shutdown::complete);
            assertThat(admin.closeConnections("to close", "time to go")).isEqualTo(1);
            AMQP.Connection.Close close =
                    (AMQP.Connection.Close) shutdown.get(30, TimeUnit.SECONDS).getReason();
            assertThat(close.getReplyCode()).isEqualTo(AMQP.CONNECTION_FORCED);
            assertThat(close.getReplyText()).contains("time to go");
            other.assertServed();
        }
    }

    @Test
    void loseLeader_leavesAQuorumQueueWithoutAny() throws Exception {
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            client.channel().queueDeclare("leaderless", true, false, false, Map.of("x-queue-type", "quorum"));
            admin.writeDeclarations();
            admin.loseLeader("leaderless");
            client.channel().confirmSelect();
            client.channel().basicPublish("", "leaderless", null, new byte[1]);
            assertThatThrownBy(() -> client.channel().waitForConfirms(500)).isInstanceOf(TimeoutException.class);
            admin.deleteQueue("/", "leaderless");
        }
    }

    @Test
    void pool_givesOutABrokerAgain_withNothingInIt() throws Exception {
        try (BrokerPool<RabbitBroker> pool = RabbitBrokers.pool(RabbitConfig.plain())) {
            BrokerControl first = pool.take();
            try (PlainRabbit client = PlainRabbit.of(first.url(), "first", factory -> {})) {
                client.channel().queueDeclare("left behind", true, false, false, Map.of());
            }
            first.close();
            try (BrokerControl second = pool.take();
                    PlainRabbit client = PlainRabbit.of(second.url(), "second", factory -> {})) {
                assertThat(second.address()).isEqualTo(first.address());
                assertThatThrownBy(() -> client.channel().queueDeclarePassive("left behind"))
                        .rootCause()
                        .hasMessageContaining("no queue 'left behind'");
            }
        }
    }

    @Test
    void userAndVhost_comeAndGo() throws Exception {
        admin.addUser("temporary", "first");
        admin.changePassword("temporary", "second");
        admin.addVhost("some where");
        admin.setPermissions("temporary", "some where", ".*", ".*", ".*");
        try (PlainRabbit client = connect("some where", "temporary", "second")) {
            client.assertServed();
            assertThatThrownBy(() -> connect("some where", "temporary", "first"))
                    .isInstanceOf(AuthenticationFailureException.class);
            admin.clearPermissions("temporary", "some where");
            assertThatThrownBy(() -> connect("some where", "temporary", "second"))
                    .isInstanceOf(IOException.class)
                    .rootCause()
                    .hasMessageContaining("access to vhost 'some where' refused");
        }
        admin.deleteVhost("some where");
        admin.deleteUser("temporary");
        assertThatThrownBy(() -> connect("some where", "guest", "guest"))
                .isInstanceOf(IOException.class)
                .rootCause()
                .hasMessageContaining("not found");
        assertThatThrownBy(() -> connect("/", "temporary", "second"))
                .isInstanceOf(AuthenticationFailureException.class);
    }

    @Test
    void failure_saysWhatTheNodeSaid_withoutThePassword() {
        assertThatThrownBy(() -> admin.addUser("guest", "s3cret"))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("rabbitmqctl add_user failed")
                .hasMessageContaining("already exists")
                .hasMessageNotContaining("s3cret");
    }

    private PlainRabbit connect(String vhost, String user, String password) throws Exception {
        return PlainRabbit.of(broker.url(), "visitor", factory -> {
            factory.setVirtualHost(vhost);
            factory.setUsername(user);
            factory.setPassword(password);
        });
    }
}
