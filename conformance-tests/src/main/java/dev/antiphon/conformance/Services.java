package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;
import dev.antiphon.spi.Capabilities.Capability;
import java.util.ArrayList;
import java.util.List;

/** Subscriptions of every kind at one messenger, to see whether all of them are still there, and there once. */
final class Services {
    private final Conformance rule;
    private final String root;
    private final Collector one;
    private final Collector pattern;
    private final List<String> sent = new ArrayList<>();
    private final boolean patterns;

    private Services(Conformance rule) {
        this.rule = rule;
        root = rule.unique("services");
        one = rule.collector();
        pattern = rule.collector();
        patterns = rule.capabilities().has(Capability.WILDCARD);
    }

    static Services at(Messenger messenger, Conformance rule) {
        Services services = new Services(rule);
        messenger.subscribe(services.one(), services.one);
        if (services.patterns) {
            messenger.subscribe(services.root + ".any.>", services.pattern);
        }
        RespondOptions options = rule.capabilities().has(Capability.QUEUE_GROUP)
                ? RespondOptions.queueGroup("members")
                : RespondOptions.DEFAULTS;
        messenger.respond(services.root + ".reply", request -> Message.of("re: " + request.text()), options);
        return services;
    }

    private String one() {
        return root + ".one";
    }

    /** Each subscription gets each message once, and requests are answered. */
    void verify(Messenger other) {
        String body = "round-" + sent.size();
        sent.add(body);
        rule.publish(other, one(), List.of(body));
        rule.fence(other, one(), one);
        assertThat(one.texts()).as("what one subject got").containsExactlyElementsOf(sent);
        if (patterns) {
            rule.publish(other, root + ".any.at.all", List.of(body));
            rule.fence(other, root + ".any.at.all", pattern);
            assertThat(pattern.texts()).as("what a pattern got").containsExactlyElementsOf(sent);
        }
        Message reply =
                rule.get(other.request(root + ".reply", Message.of(body)).toCompletableFuture());
        assertThat(reply.text()).isEqualTo("re: " + body);
    }
}
