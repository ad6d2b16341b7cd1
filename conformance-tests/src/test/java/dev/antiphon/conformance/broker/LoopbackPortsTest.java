package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
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

    /** Else two processes may come to the same ports at the same time, and find them free until their servers have started. */
    @Test
    void free_isOfABlockThatNoOtherProcessCanTake() {
        int[] ports = IntStream.range(0, 300).map(i -> LoopbackPorts.free()).toArray();

        assertThat(IntStream.of(ports).map(port -> port - port % 100).distinct().boxed())
                .hasSizeGreaterThan(1)
                .allSatisfy(first ->
                        assertThatThrownBy(() -> LoopbackPorts.listen(first)).isInstanceOf(BindException.class));
    }
}
