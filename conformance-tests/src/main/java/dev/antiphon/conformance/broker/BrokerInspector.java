package dev.antiphon.conformance.broker;

import java.util.List;

/** What the broker says it holds for its clients: how a rule sees that nothing was left behind. Any thread; each call asks anew. */
public interface BrokerInspector {
    /** How many connections with that client name are open. */
    int connectionCount(String connectionName);

    /** What the connections with that client name are subscribed to, sorted, one entry per subscription. */
    List<String> subscribedSubjects(String connectionName);
}
