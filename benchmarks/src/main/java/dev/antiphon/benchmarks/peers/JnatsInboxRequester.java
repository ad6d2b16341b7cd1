package dev.antiphon.benchmarks.peers;

import dev.antiphon.benchmarks.load.Answer;
import dev.antiphon.benchmarks.load.Requester;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What a careful user writes by hand on jnats: a plain publish and one wildcard inbox, with the slot's number as the
 * last token of the reply subject. It has no timeout and no table, so it is a limit rather than a rival.
 */
final class JnatsInboxRequester implements Requester {

    private final Connection connection;
    private final String inbox;
    private final List<Answer> answers = new CopyOnWriteArrayList<>();

    JnatsInboxRequester(String url) throws Exception {
        connection = Nats.connect(url);
        inbox = connection.createInbox() + ".";
        connection.createDispatcher(this::deliver).subscribe(inbox + "*");
        connection.flush(JnatsEcho.FLUSH_LIMIT);
    }

    private void deliver(Message reply) {
        Answer answer = answers.get(Integer.parseInt(
                reply.getSubject(), inbox.length(), reply.getSubject().length(), 10));
        answer.replied(reply.getData().length);
    }

    @Override
    public Runnable sender(byte[] body, Answer answer) {
        String replyTo = inbox + answers.size();
        answers.add(answer);
        return () -> connection.publish(JnatsEcho.SUBJECT, replyTo, body);
    }

    @Override
    public int call(byte[] body) {
        throw new UnsupportedOperationException("a publish does not wait for a reply");
    }
}
