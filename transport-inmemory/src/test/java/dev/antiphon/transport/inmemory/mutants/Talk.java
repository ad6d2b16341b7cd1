package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.Transport;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Defects in what requesters and responders say to each other, told apart by the headers of the library. */
final class Talk {
    private Talk() {}

    /** What sends a message as it should be sent. */
    @FunctionalInterface
    interface Way {
        void send(OutboundMessage message, SendCallback callback);
    }

    /** What a defect does in place of sending. One for each transport, or for each channel. */
    @FunctionalInterface
    interface Sending {
        void send(OutboundMessage message, SendCallback callback, Way sound);
    }

    /** What a defect does in place of handing a reply or frame to the engine. One for each channel. */
    @FunctionalInterface
    interface Receiving {
        void receive(long id, Message message, @Nullable ReplyAddress from, ReplyHandler engine);
    }

    // -- Where a defect is --

    /** A defect in how requests are sent. */
    static UnaryOperator<Transport> requests(Supplier<Sending> defect) {
        return Edits.channel(engine -> {
            Sending sending = defect.get();
            return new ForwardedChannel(engine) {
                @Override
                public void request(OutboundMessage message, long correlationId, SendCallback callback) {
                    sending.send(message, callback, (edited, told) -> sound.request(edited, correlationId, told));
                }
            };
        });
    }

    /** A defect in how replies and frames are sent, whichever way they go. */
    static UnaryOperator<Transport> answers(Supplier<Sending> defect) {
        return sound -> {
            Sending sending = defect.get();
            return new Forwarding(sound) {
                @Override
                public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
                    sending.send(message, callback, (edited, told) -> sound.reply(address, edited, told));
                }

                @Override
                public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
                    ForwardedChannel channel = new ForwardedChannel(handler) {
                        @Override
                        public void reply(ReplyAddress to, OutboundMessage message, long id, SendCallback callback) {
                            sending.send(message, callback, (edited, told) -> sound.reply(to, edited, id, told));
                        }
                    };
                    return sound.openReplyChannel(token, channel).thenApply(channel::over);
                }
            };
        };
    }

    /** A defect in how replies and frames are received. */
    static UnaryOperator<Transport> received(Supplier<Receiving> defect) {
        return Edits.channel(engine -> {
            Receiving receiving = defect.get();
            return new ForwardedChannel(engine) {
                @Override
                public void onReply(long correlationId, Message reply) {
                    receiving.receive(correlationId, reply, null, engine);
                }

                @Override
                public void onReply(long correlationId, Message reply, @Nullable ReplyAddress from) {
                    receiving.receive(correlationId, reply, from, engine);
                }
            };
        });
    }

    // -- What it does --

    /** Loses replies or frames. */
    static UnaryOperator<Transport> losing(Predicate<Message> which) {
        return losing(() -> which);
    }

    /** Loses replies or frames; the predicate may count. */
    static UnaryOperator<Transport> losing(Supplier<Predicate<Message>> which) {
        return answers(() -> {
            Predicate<Message> lost = which.get();
            return (message, callback, sound) -> {
                if (lost.test(message.message())) {
                    callback.onSent();
                } else {
                    sound.send(message, callback);
                }
            };
        });
    }

    /** Changes replies and frames. */
    static UnaryOperator<Transport> editing(UnaryOperator<Message> edit) {
        return answers(() -> (message, callback, sound) -> sound.send(edited(message, edit), callback));
    }

    /** Changes requests. */
    static UnaryOperator<Transport> asking(UnaryOperator<Message> edit) {
        return requests(() -> (message, callback, sound) -> sound.send(edited(message, edit), callback));
    }

    private static OutboundMessage edited(OutboundMessage message, UnaryOperator<Message> edit) {
        return new OutboundMessage(message.subject(), edit.apply(message.message()), message.timeToLiveNanos());
    }

    // -- What messages are --

    /** The value of a header, or nothing. */
    static String value(Message message, String header) {
        return message.header(header).orElse("");
    }

    /** Whether it is a frame of this kind. */
    static boolean is(Message message, String kind) {
        String frame = value(message, ControlHeaders.FRAME);
        return frame.equals(kind) || frame.startsWith(kind + ";");
    }

    /** The number that a frame tells; 0 if it tells none. */
    static long number(Message frame) {
        for (String part : value(frame, ControlHeaders.FRAME).split(";", -1)) {
            if (part.startsWith("n=")) {
                return Long.parseLong(part.substring(2));
            }
        }
        return 0;
    }

    static boolean isFrame(Message message) {
        return message.headers().contains(ControlHeaders.FRAME);
    }

    static boolean isError(Message message) {
        return message.headers().contains(ControlHeaders.ERROR);
    }

    /** A message with another value of a header. */
    static Message with(Message message, String header, String value) {
        return message.withHeaders(message.headers().with(header, value));
    }

    static Message without(Message message, String header) {
        return message.withHeaders(message.headers().without(header));
    }

    /** A frame that nobody sent. */
    static Message frame(String value) {
        return Message.empty().withHeaders(Headers.received(ControlHeaders.FRAME, value));
    }
}
