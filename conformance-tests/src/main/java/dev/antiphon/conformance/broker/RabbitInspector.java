package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a RabbitMQ node what it holds. It answers while the node runs and is not paused. Any thread.
 *
 * <p>The management plugin would be the customary way, but it shows samples: what was opened or closed a moment ago may be missing
 * or still there, and a test that nothing is left needs to know. So the node is asked to evaluate a few lines of Erlang that collect
 * what {@code rabbitmqctl list_connections} and its sisters list, all in one call.
 */
public final class RabbitInspector implements BrokerInspector {
    // The answer is marked and in Base64 because the tools that carry it print and quote each in its own way.
    private static final Pattern ANSWER = Pattern.compile("<<<([A-Za-z0-9+/=]*)>>>");

    /** The evaluation fails when something that it asks goes away at that moment. */
    private static final int ATTEMPTS = 5;

    private static final String QUESTION = """
            Text = fun (T) when is_binary(T) -> T;
                       (T) when is_atom(T) -> atom_to_binary(T, utf8);
                       (T) when is_pid(T) -> list_to_binary(rabbit_misc:pid_to_string(T));
                       (_) -> <<>> end,
            Number = fun (N) when is_integer(N) -> N; (_) -> 0 end,
            Of = fun (Key, Items) -> proplists:get_value(Key, Items, none) end,
            Client = fun (Properties) when is_list(Properties) ->
                           case lists:keyfind(<<"connection_name">>, 1, Properties) of
                               {_, _, Name} -> Name;
                               false -> <<>> end;
                         (_) -> <<>> end,
            VHosts = rabbit_vhost:list_names(),
            Connections = [#{id => Text(Of(pid, C)), name => Client(Of(client_properties, C)),
                             user => Text(Of(user, C)), vhost => Text(Of(vhost, C)), state => Text(Of(state, C))}
                || C <- rabbit_networking:connection_info_all([pid, client_properties, user, vhost, state])],
            Channels = [#{id => Text(Of(pid, C)), connection => Text(Of(connection, C)),
                          number => Number(Of(number, C)), consumers => Number(Of(consumer_count, C)),
                          unacknowledged => Number(Of(messages_unacknowledged, C)),
                          prefetch => Number(Of(prefetch_count, C)), confirm => Of(confirm, C) =:= true}
                || C <- rabbit_channel:info_all([pid, connection, number, consumer_count, messages_unacknowledged,
                                                 prefetch_count, confirm])],
            Consumers = [#{vhost => V, queue => element(4, Of(queue_name, C)), channel => Text(Of(channel_pid, C)),
                           tag => Text(Of(consumer_tag, C)), acknowledges => Of(ack_required, C) =:= true,
                           prefetch => Number(Of(prefetch_count, C))}
                || V <- VHosts, C <- rabbit_amqqueue:consumers_all(V)],
            Queues = [#{vhost => V, name => element(4, Of(name, Q)), type => Text(Of(type, Q)),
                        durable => Of(durable, Q) =:= true, exclusive => Of(exclusive, Q) =:= true,
                        autoDelete => Of(auto_delete, Q) =:= true, consumers => Number(Of(consumers, Q)),
                        messages => Number(Of(messages, Q))}
                || V <- VHosts,
                   Q <- rabbit_amqqueue:info_all(V, [name, type, durable, exclusive, auto_delete, consumers, messages])],
            Exchanges = [#{vhost => V, name => element(4, Of(name, E)), type => Text(Of(type, E)),
                           durable => Of(durable, E) =:= true, autoDelete => Of(auto_delete, E) =:= true}
                || V <- VHosts, E <- rabbit_exchange:info_all(V, [name, type, durable, auto_delete])],
            Bindings = [#{vhost => V, exchange => element(4, element(2, B)), key => element(3, B),
                          destination => element(4, element(4, B)),
                          toQueue => element(3, element(4, B)) =:= queue}
                || V <- VHosts, B <- rabbit_binding:list(V)],
            io:format("<<<~s>>>", [base64:encode(iolist_to_binary(rabbit_json:encode(
                #{connections => Connections, channels => Channels, consumers => Consumers,
                  queues => Queues, exchanges => Exchanges, bindings => Bindings})))]).
            """;

    private final RabbitCommands commands;

    RabbitInspector(RabbitCommands commands) {
        this.commands = commands;
    }

    /** All of it, as it is now. */
    public RabbitState state() {
        String output = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            output = commands.eval(QUESTION);
            Matcher answer = ANSWER.matcher(output);
            if (answer.find()) {
                byte[] json = Base64.getDecoder().decode(answer.group(1));
                return Json.parse(new String(json, UTF_8), RabbitState.class);
            }
        }
        throw new BrokerException("the node did not say what it holds:\n" + output.strip());
    }

    @Override
    public int connectionCount(String connectionName) {
        return state().connections(connectionName).size();
    }

    /** The binding keys of the queues that it consumes; {@code *.#} and {@code #} at the end, the wildcards for the rest, as {@code >}. */
    @Override
    public List<String> subscribedSubjects(String connectionName) {
        RabbitState state = state();
        return state.consumers(connectionName).stream()
                .flatMap(consumer -> state.bindings(consumer).stream())
                .map(binding -> binding.key().replaceFirst("(^|\\.)(\\*\\.)?#$", "$1>"))
                .sorted()
                .toList();
    }
}
