package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportListener;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Defects of sending. */
final class PublishMutants {
    private PublishMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.of("drops every 40th message", "PUB-01", "messages lost", sound -> new Dropping(sound, 40)),
                Mutant.of("drops every 5000th message", "PUB-02", "messages lost", sound -> new Dropping(sound, 5000)),
                Mutant.of("sends every 10th message twice", "PUB-01", "messages doubled", Duplicating::new),
                Mutant.of("sends every 7th message after the 8th", "PUB-01", "out of order", Reordering::new),
                Mutant.of("reports what it refuses as sent", "PUB-12", "must fail with TOO_LARGE", Boasting::new),
                Mutant.of("never says how a send ended", "PUB-15", "did not end within", Silent::new),
                Mutant.of("says twice how a send ended", "PUB-15", "what each send was told", Stuttering::new),
                Mutant.of("also delivers to the subject without its last letter", "PUB-03", "stray", Blurring::new),
                Mutant.of("reuses the array of the sender", "PUB-10", "as it was sent", Scribbling::new),
                Mutant.of("waits for its start", "PUB-11", "did not end within", Patient::new),
                Mutant.of("flushes nothing", "PUB-13", "all messages", Batching::new));
    }

    private static final class Dropping extends Forwarding {
        private final AtomicInteger count = new AtomicInteger();
        private final int every;

        Dropping(Transport sound, int every) {
            super(sound);
            this.every = every;
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            if (count.incrementAndGet() % every == 0) {
                callback.onSent();
            } else {
                sound.publish(message, callback);
            }
        }
    }

    private static final class Duplicating extends Forwarding {
        private final AtomicInteger count = new AtomicInteger();

        Duplicating(Transport sound) {
            super(sound);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            if (count.incrementAndGet() % 10 == 0) {
                sound.publish(message, new Ignoring());
            }
            sound.publish(message, callback);
        }
    }

    private static final class Reordering extends Forwarding {
        private int count;
        private OutboundMessage held;

        Reordering(Transport sound) {
            super(sound);
        }

        @Override
        public synchronized void publish(OutboundMessage message, SendCallback callback) {
            if (++count % 7 == 0) {
                held = message;
                callback.onSent();
                return;
            }
            sound.publish(message, callback);
            if (held != null) {
                sound.publish(held, new Ignoring());
                held = null;
            }
        }
    }

    private static final class Boasting extends Forwarding {
        Boasting(Transport sound) {
            super(sound);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            sound.publish(message, new OnFailure(callback, failure -> callback.onSent()));
        }
    }

    private static final class Silent extends Forwarding {
        Silent(Transport sound) {
            super(sound);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            sound.publish(message, new Ignoring());
        }
    }

    private static final class Stuttering extends Forwarding {
        Stuttering(Transport sound) {
            super(sound);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            sound.publish(message, callback);
            callback.onSent();
        }
    }

    private static final class Blurring extends Forwarding {
        Blurring(Transport sound) {
            super(sound);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            String shorter = message.subject().substring(0, message.subject().length() - 1);
            sound.publish(new OutboundMessage(shorter, message.message(), 0), new Ignoring());
            sound.publish(message, callback);
        }
    }

    private static final class Scribbling extends Forwarding {
        Scribbling(Transport sound) {
            super(sound);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            OutboundMessage copy = new OutboundMessage(
                    message.subject(),
                    Message.wrap(message.message().bytes(), message.message().headers(), null),
                    0);
            sound.publish(copy, callback);
            byte[] body = message.message().sharedBytes();
            if (!message.message().text().startsWith("#")) {
                body[0] ^= 1;
            }
        }
    }

    private static final class Patient extends Forwarding {
        private volatile boolean started;

        Patient(Transport sound) {
            super(sound);
        }

        @Override
        public CompletionStage<Void> start(TransportListener listener) {
            started = true;
            return sound.start(listener);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            if (started) {
                sound.publish(message, callback);
            }
        }
    }

    /** Keeps a message until the next one comes. */
    private static final class Batching extends Forwarding {
        private OutboundMessage held;

        Batching(Transport sound) {
            super(sound);
        }

        @Override
        public synchronized void publish(OutboundMessage message, SendCallback callback) {
            if (held != null) {
                sound.publish(held, new Ignoring());
            }
            held = message;
            callback.onSent();
        }
    }

    /** A callback for nobody. */
    static final class Ignoring implements SendCallback {
        @Override
        public void onSent() {}

        @Override
        public void onFailed(AntiphonException failure) {}
    }

    private record OnFailure(SendCallback sound, Consumer<AntiphonException> failed) implements SendCallback {
        @Override
        public void onSent() {
            sound.onSent();
        }

        @Override
        public void onFailed(AntiphonException failure) {
            failed.accept(failure);
        }
    }
}
