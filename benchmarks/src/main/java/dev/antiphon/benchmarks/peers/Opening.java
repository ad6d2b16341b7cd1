package dev.antiphon.benchmarks.peers;

/** Opens one side of a peer. */
@FunctionalInterface
interface Opening<T> {

    T open(String url) throws Exception;
}
