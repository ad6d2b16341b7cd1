package dev.antiphon.conformance.broker;

/**
 * The ports of a Kafka broker on 127.0.0.1.
 *
 * @param client for clients that connect directly
 * @param behindProxy for clients of the proxy
 * @param proxy where the proxy listens, which is what the broker tells clients that came through it
 * @param internal of the broker for itself
 * @param controller of the controller
 */
record KafkaPorts(int client, int behindProxy, int proxy, int internal, int controller) {

    static KafkaPorts free(int proxy, int behindProxy) {
        return new KafkaPorts(LoopbackPorts.free(), behindProxy, proxy, LoopbackPorts.free(), LoopbackPorts.free());
    }

    String listeners(KafkaNode node) {
        String clients = listener("CLIENT", client) + "," + listener("PROXIED", behindProxy) + ","
                + listener("INTERNAL", internal);
        return node.isController() ? clients + "," + listener("CONTROLLER", controller) : clients;
    }

    String advertised() {
        return listener("CLIENT", client) + "," + listener("PROXIED", proxy) + "," + listener("INTERNAL", internal);
    }

    private static String listener(String name, int port) {
        return name + "://127.0.0.1:" + port;
    }
}
