package dev.antiphon.cli;

import dev.antiphon.ErrorCode;

/**
 * What an error code means at a shell: the exit code of the process and what to do. The only place that maps one to the
 * other.
 */
record Verdict(int exitCode, String advice) {

    static final int ANSWERED = 0;
    static final int ERROR_REPLY = 1;
    static final int INVALID = 2;
    static final int TIMEOUT = 3;
    static final int NO_RESPONDERS = 4;
    static final int NOT_CONNECTED = 5;

    static Verdict of(ErrorCode code) {
        return switch (code) {
            case REMOTE -> new Verdict(ERROR_REPLY, "the responder refused it; see its code");
            case UNAVAILABLE, RESOURCE_EXHAUSTED ->
                new Verdict(ERROR_REPLY, "it was not handled; try again later or start more responders");
            case CANCELLED -> new Verdict(ERROR_REPLY, "it was cancelled here; a responder may have handled it");
            case DATA_LOSS -> new Verdict(ERROR_REPLY, "look at what the responder sends");
            case INTERNAL ->
                new Verdict(ERROR_REPLY, "a defect: run it again with --verbose and report what it prints");
            case INVALID_ARGUMENT -> new Verdict(INVALID, "correct it and try again; --help shows examples");
            case TOO_LARGE -> new Verdict(INVALID, "send less, or raise the broker's limit");
            case UNSUPPORTED -> new Verdict(INVALID, "\"antiphon transports\" lists what each transport can do");
            case NOT_FOUND -> new Verdict(INVALID, "create it on the broker or correct the name");
            case TIMEOUT ->
                new Verdict(TIMEOUT, "the request may have been handled; raise --timeout or look at the responder");
            case NO_RESPONDERS -> new Verdict(NO_RESPONDERS, "start one: antiphon reply SUBJECT --echo");
            case NOT_CONNECTED -> new Verdict(NOT_CONNECTED, "check --url and that the broker runs");
            case CONNECTION_LOST -> new Verdict(NOT_CONNECTED, "the request may have been handled; check the broker");
            case CLOSED -> new Verdict(NOT_CONNECTED, "the connection was closed for good; check the broker");
            case AUTHENTICATION -> new Verdict(NOT_CONNECTED, "check user, password, token or key in --url");
            case PERMISSION_DENIED ->
                new Verdict(NOT_CONNECTED, "ask for the right on the broker, or use another subject");
        };
    }
}
