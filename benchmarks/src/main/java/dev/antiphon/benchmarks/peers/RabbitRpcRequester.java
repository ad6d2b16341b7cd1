package dev.antiphon.benchmarks.peers;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.RpcClient;
import com.rabbitmq.client.RpcClientParams;
import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;

/** {@code RpcClient} of amqp-client over direct reply-to. It only blocks, so each request in flight has a thread. */
final class RabbitRpcRequester implements Requester {

    private final RpcClient client;

    RabbitRpcRequester(String url) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(url);
        Connection connection = factory.newConnection("bench-rpc-client");
        client = new RpcClient(new RpcClientParams()
                .channel(connection.createChannel())
                .exchange("")
                .routingKey(RabbitEcho.QUEUE)
                .replyTo("amq.rabbitmq.reply-to")
                .timeout(5000));
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        return new BlockingSender(this, body, answer);
    }

    @Override
    public int call(byte[] body) throws Exception {
        return client.primitiveCall(body).length;
    }
}
