package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.Message;
import dev.antiphon.conformance.RawClient;
import dev.antiphon.conformance.RawMessage;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** A program that knows how {@link Inboxes} reply: it sees reply subjects, and may publish to them. */
record InboxClient(RawClient sound) implements RawClient {
    @Override
    public void publish(String subject, Message message) {
        sound.publish(subject, message);
    }

    @Override
    public void subscribe(String subject, String group, Consumer<RawMessage> receiver) {
        sound.subscribe(subject, group, message -> receiver.accept(new Received(message)));
    }

    @Override
    public Optional<Message> request(String subject, Message message, Duration limit) {
        return sound.request(subject, message, limit);
    }

    @Override
    public void close() {
        sound.close();
    }

    private final class Received implements RawMessage {
        private final RawMessage message;

        Received(RawMessage message) {
            this.message = message;
        }

        @Override
        public String subject() {
            return message.subject();
        }

        @Override
        public Message message() {
            return message.message();
        }

        @Override
        public boolean asksForReply() {
            return replySubject().isPresent();
        }

        @Override
        public Optional<String> replySubject() {
            return message.message().header(Inboxes.HEADER);
        }

        @Override
        public void reply(Message reply) {
            publish(replySubject().orElseThrow(), reply);
        }
    }
}
