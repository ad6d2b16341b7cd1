package dev.antiphon.examples;

import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Two members share the work of one queue group: each request goes to one of them. */
public final class QueueGroups {

    private QueueGroups() {}

    /** Takes the URL of a broker. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "inmemory://queue-groups";
        // In production each of the three is a process of its own.
        try (Messenger ada = Messenger.connect(url);
                Messenger bob = Messenger.connect(url);
                Messenger requester = Messenger.connect(url)) {
            // region groups
            RespondOptions group = RespondOptions.queueGroup("pricing");
            ada.respond("price.*", request -> Message.of("ada"), group);
            bob.respond("price.*", request -> Message.of("bob"), group);
            // endregion

            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                calls.add(requester.request("price.apple", Message.empty()));
            }
            Map<String, Integer> answers = new TreeMap<>();
            for (Call call : calls) {
                answers.merge(call.join().text(), 1, Integer::sum);
            }
            System.out.println("members that answered: " + answers.keySet());
            System.out.println(
                    "answers: " + answers.values().stream().mapToInt(n -> n).sum());
        }
    }
}
