package dev.antiphon.conformance.broker;

/**
 * Which broker of a cluster it is.
 *
 * @param id from 1 on; the first is the controller, too
 * @param clusterId as the storage tool writes it
 * @param controllerPort of the controller
 */
record KafkaNode(int id, String clusterId, int controllerPort) {

    private static final int CONTROLLER = 1;

    /** The only one, or the first of several. */
    static KafkaNode alone(KafkaPorts ports) {
        return new KafkaNode(CONTROLLER, KafkaStorage.randomId(), ports.controller());
    }

    /** Another one in the same cluster. */
    KafkaNode withId(int other) {
        return new KafkaNode(other, clusterId, controllerPort);
    }

    boolean isController() {
        return id == CONTROLLER;
    }

    String voters() {
        return CONTROLLER + "@127.0.0.1:" + controllerPort;
    }
}
