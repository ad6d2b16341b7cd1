package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoopbackPortsTest {

    @Test
    void free_givesNoPortTwice() {
        int[] ports = IntStream.range(0, 1000).map(i -> LoopbackPorts.free()).toArray();
        assertThat(ports).doesNotHaveDuplicates();
        assertThat(IntStream.of(ports).boxed())
                .allSatisfy(port -> assertThat(port).isBetween(20_000, 32_000));
    }
}
