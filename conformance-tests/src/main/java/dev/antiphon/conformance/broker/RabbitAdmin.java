package dev.antiphon.conformance.broker;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Does to a running RabbitMQ node what an operator may do at any time. Each call takes about half a second and returns when the node
 * has done it. Any thread.
 */
public final class RabbitAdmin {
    private static final String WATERMARK = "set_vm_memory_high_watermark";
    private static final String ALARMING = "0.000001";
    private static final String DEFAULT = "0.4";
    private static final String DONE = "<<<done>>>";

    private final RabbitCommands commands;
    private final RabbitInspector inspector;

    RabbitAdmin(RabbitCommands commands, RabbitInspector inspector) {
        this.commands = commands;
        this.inspector = inspector;
    }

    /** From now on the node has too little memory, and blocks connections that publish. */
    public void raiseMemoryAlarm() {
        commands.ctl(WATERMARK, ALARMING);
    }

    /** Ends {@link #raiseMemoryAlarm()}. */
    public void clearMemoryAlarm() {
        commands.ctl(WATERMARK, DEFAULT);
    }

    /** Deletes a queue with its messages, even an exclusive one; its consumers are cancelled. */
    public void deleteQueue(String vhost, String name) {
        commands.ctl("delete_queue", name, "--vhost", vhost);
    }

    /** Closes the connections of clients with that name, by the server and with that reason. Returns how many there were. */
    public int closeConnections(String name, String reason) {
        List<RabbitState.Connection> connections = inspector.state().connections(name);
        connections.forEach(connection -> commands.ctl("close_connection", connection.id(), reason));
        return connections.size();
    }

    /** One more virtual host, in which nobody may do anything. */
    public void addVhost(String vhost) {
        commands.ctl("add_vhost", vhost);
    }

    /** Deletes a virtual host with all that is in it; connections to it are closed. */
    public void deleteVhost(String vhost) {
        commands.ctl("delete_vhost", vhost);
    }

    /**
     * Leaves a quorum queue of the default virtual host without a leader, and with nothing in it: what is found of it when all its
     * nodes crash before they have written its declaration.
     */
    public void loseLeader(String queue) {
        evaluate("{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"" + queue + "\">>)), "
                + "ok = ra:force_delete_server(quorum_queues, amqqueue:get_pid(Q)), "
                + "{[_], []} = rabbit_quorum_queue:recover(<<\"/\">>, [Q])");
    }

    /** Has what was declared written to the disk, as the node does by itself within half a second. */
    public void writeDeclarations() {
        evaluate("lists:foreach(fun dets:sync/1, dets:all())");
    }

    /** Removes all that is in the default virtual host; connections to it are closed. */
    void clearDefaultVhost(RabbitConfig config) {
        evaluate(config.accounts().keySet().stream()
                .map(user -> "rabbit_auth_backend_internal:set_permissions(<<\"" + user
                        + "\">>, <<\"/\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>)")
                .collect(Collectors.joining(
                        ", ",
                        "rabbit_vhost:delete(<<\"/\">>, <<\"test\">>), rabbit_vhost:add(<<\"/\">>, <<\"test\">>), ",
                        "")));
    }

    /** Some expressions. The tools say nothing when one of them fails. */
    private void evaluate(String expressions) {
        String output = commands.eval(expressions + ", io:format(\"" + DONE + "\").");
        if (!output.contains(DONE)) {
            throw new BrokerException("the node could not evaluate " + expressions + ":\n" + output.strip());
        }
    }

    /** One more user, who may do nothing anywhere. */
    public void addUser(String name, String password) {
        commands.ctl("add_user", name, password);
    }

    /** Replaces a user's password; open connections stay. */
    public void changePassword(String user, String password) {
        commands.ctl("change_password", user, password);
    }

    /** Deletes a user; connections are closed. */
    public void deleteUser(String name) {
        commands.ctl("delete_user", name);
    }

    /** What a user may configure, write to and read from in a virtual host: names that match. {@code ^$} is nothing. */
    public void setPermissions(String user, String vhost, String configure, String write, String read) {
        commands.ctl("set_permissions", "--vhost", vhost, user, configure, write, read);
    }

    /** Keeps a user out of a virtual host. */
    public void clearPermissions(String user, String vhost) {
        commands.ctl("clear_permissions", "--vhost", vhost, user);
    }
}
