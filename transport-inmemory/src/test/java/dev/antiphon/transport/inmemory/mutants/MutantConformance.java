package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.conformance.TransportConformance;
import dev.antiphon.conformance.TransportFixture;

/** The suite against the mutant of {@link MutantProvider#current}. Launched by tests, see {@link Launches}. */
class MutantConformance extends TransportConformance {
    @Override
    protected TransportFixture openFixture() {
        return MutantFixture.withWaivers();
    }
}
