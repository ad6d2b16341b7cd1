package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** Defects of groups and wildcards. */
final class RoutingMutants {
    private RoutingMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.of(
                        "delivers to all members of a group",
                        "GRP-01",
                        "messages doubled",
                        Edits.spec(spec -> inGroup(spec, null))),
                Mutant.of(
                        "takes all groups for one",
                        "GRP-02",
                        "messages lost",
                        Edits.spec(spec -> inGroup(spec, spec.group() == null ? null : "one"))),
                Mutant.of(
                        "makes a group of plain subscribers",
                        "SUB-02",
                        "fence message",
                        Edits.spec(spec -> inGroup(spec, spec.group() == null ? "plain" : spec.group()))),
                Mutant.of("gives everything to the first member", "GRP-07", "of 3000 to three members", Favouring::new),
                Mutant.of("matches > to no token at all", "WLD-03", "must not match", alsoTo(".>", "")),
                Mutant.of("matches * to two tokens", "WLD-02", "must not match", alsoTo(".*", ".*.*")),
                Mutant.of("matches # to any tokens", "WLD-06", "must not match #", alsoTo(".#", ".>")),
                Mutant.of("matches ? to any token", "WLD-06", "must not match ?", alsoTo(".?", ".*")),
                Mutant.of(
                        "tells the pattern in place of the subject",
                        "WLD-04",
                        ".>",
                        Edits.inbound((spec, inbound) -> new ForwardedInbound(
                                inbound, spec.subject(), inbound.message(), inbound.replyAddress()))),
                Mutant.of("delivers once to patterns that overlap", "WLD-05", "fence message", Thrifty::new),
                Mutant.of("shows replies to >", "WLD-09", "_INBOX", Leaky::new),
                Mutant.of("finds new subjects late", "WLD-08", "fence message", Late::new),
                Mutant.of(
                        "takes patterns literally",
                        "WLD-01",
                        "fence message",
                        Edits.spec(spec -> new SubscribeSpec(
                                spec.subject().replace("*", "star").replace(">", "tail"),
                                spec.group(),
                                spec.maxUnsettled(),
                                spec.runsUserCode()))),
                Mutant.lying("declares redelivery", "GRP-06", "messages lost", declaring(Capability.REDELIVERY)));
    }

    private static SubscribeSpec inGroup(SubscribeSpec spec, String group) {
        return new SubscribeSpec(spec.subject(), group, spec.maxUnsettled(), spec.runsUserCode());
    }

    /** Subscribes to another pattern as well, for patterns with this end. */
    private static UnaryOperator<Transport> alsoTo(String end, String otherEnd) {
        return sound -> new Forwarding(sound) {
            @Override
            public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
                if (spec.subject().endsWith(end)) {
                    String root = spec.subject().substring(0, spec.subject().length() - end.length());
                    sound.subscribe(new SubscribeSpec(root + otherEnd, null, 1, false), handler);
                }
                return sound.subscribe(spec, handler);
            }
        };
    }

    static UnaryOperator<Capabilities> declaring(Capability capability) {
        return truth -> with(truth, capability, Capabilities.Support.NATIVE);
    }

    static UnaryOperator<Capabilities> hiding(Capability capability) {
        return truth -> with(truth, capability, Capabilities.Support.NONE);
    }

    private static Capabilities with(Capabilities truth, Capability capability, Capabilities.Support level) {
        Map<Capability, Capabilities.Support> levels = new EnumMap<>(Capability.class);
        levels.putAll(truth.levels());
        levels.put(capability, level);
        return new Capabilities(levels, truth.limits());
    }

    private static final class Favouring extends Forwarding {
        private static final Set<String> TAKEN = ConcurrentHashMap.newKeySet();

        Favouring(Transport sound) {
            super(sound);
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            if (spec.group() == null || TAKEN.add(spec.subject() + " " + spec.group())) {
                return sound.subscribe(spec, handler);
            }
            return CompletableFuture.completedFuture(() -> CompletableFuture.completedFuture(null));
        }
    }

    private static final class Thrifty extends Forwarding {
        private final Set<InboundMessage> delivered = ConcurrentHashMap.newKeySet();

        Thrifty(Transport sound) {
            super(sound);
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            return sound.subscribe(spec, message -> {
                if (delivered.add(message)) {
                    handler.onMessage(message);
                }
            });
        }
    }

    private static final class Leaky extends Forwarding {
        Leaky(Transport sound) {
            super(sound);
        }

        @Override
        public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
            sound.publish(new OutboundMessage("_INBOX.token.id", message.message(), 0), new PublishMutants.Ignoring());
            sound.reply(address, message, callback);
        }
    }

    /** The first message to a subject is lost, unless somebody subscribed to that very subject. */
    private static final class Late extends Forwarding {
        private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

        Late(Transport sound) {
            super(sound);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            if (KNOWN.add(message.subject())) {
                callback.onSent();
            } else {
                sound.publish(message, callback);
            }
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            KNOWN.add(spec.subject());
            return sound.subscribe(spec, handler);
        }
    }
}
