package dev.antiphon.transport.inmemory;

import dev.antiphon.conformance.TransportConformance;
import dev.antiphon.conformance.TransportFixture;

class InMemoryConformanceTest extends TransportConformance {
    @Override
    protected TransportFixture openFixture() {
        return new InMemoryFixture();
    }
}
