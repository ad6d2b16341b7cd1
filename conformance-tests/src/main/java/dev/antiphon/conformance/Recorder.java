package dev.antiphon.conformance;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.Message;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.TransportListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Everything a transport calls back, as lines in the order they came: for the own tests of a transport. Any thread. */
public final class Recorder implements SendCallback, ReplyHandler, TransportListener {

    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final List<ReplyAddress> waysBack = new CopyOnWriteArrayList<>();

    /** All calls so far, such as {@code reply 7 hello} or {@code error NOT_FOUND}. */
    public List<String> calls() {
        return calls;
    }

    /** The addresses that came with replies. */
    public List<ReplyAddress> waysBack() {
        return waysBack;
    }

    @Override
    public void onSent() {
        calls.add("sent");
    }

    @Override
    public void onFailed(AntiphonException failure) {
        calls.add("failed " + failure.code() + (failure.mayHaveExecuted() ? " perhaps executed" : ""));
    }

    @Override
    public void onReply(long correlationId, Message reply) {
        calls.add("reply " + correlationId + " " + reply.text());
    }

    @Override
    public void onReply(long correlationId, Message reply, @Nullable ReplyAddress from) {
        if (from != null) {
            waysBack.add(from);
        }
        onReply(correlationId, reply);
    }

    @Override
    public void onNoResponders(long correlationId) {
        calls.add("no responders " + correlationId);
    }

    @Override
    public void onUnreadable(String correlation, Message reply) {
        calls.add("unreadable " + correlation);
    }

    @Override
    public void onState(ConnectionState state, @Nullable AntiphonException cause) {
        calls.add(state + (cause == null ? "" : " " + cause.code()));
    }

    @Override
    public void onReplyChannelMoved(ReplyChannel channel) {
        calls.add("moved");
    }

    @Override
    public void onSlowConsumer(String subject) {
        calls.add("slow " + subject);
    }

    @Override
    public void onError(AntiphonException error) {
        calls.add("error " + error.code());
    }
}
