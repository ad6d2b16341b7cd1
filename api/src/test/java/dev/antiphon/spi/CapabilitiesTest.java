package dev.antiphon.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.Capabilities.Limits;
import dev.antiphon.spi.Capabilities.Support;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {

    private static final Limits LIMITS = new Limits(100, 20);

    @Test
    void of_some_hasThoseNativelyAndNoOther() {
        Capabilities capabilities = Capabilities.of(LIMITS, Capability.WILDCARD);

        assertThat(capabilities.level(Capability.WILDCARD)).isEqualTo(Support.NATIVE);
        assertThat(capabilities.level(Capability.RETAINED)).isEqualTo(Support.NONE);
        assertThat(capabilities.has(Capability.WILDCARD)).isTrue();
        assertThat(capabilities.has(Capability.RETAINED)).isFalse();
        assertThat(capabilities.limits()).isEqualTo(LIMITS);
    }

    @Test
    void level_emulated_counts() {
        Capabilities capabilities = new Capabilities(Map.of(Capability.REDELIVERY, Support.EMULATED), LIMITS);

        assertThat(capabilities.has(Capability.REDELIVERY)).isTrue();
    }

    @Test
    void withLimits_always_keepsTheLevels() {
        Capabilities capabilities = Capabilities.of(LIMITS, Capability.WILDCARD).withLimits(new Limits(5, 6));

        assertThat(capabilities.limits()).isEqualTo(new Limits(5, 6));
        assertThat(capabilities.has(Capability.WILDCARD)).isTrue();
    }

    @Test
    void levels_mapChangedLater_isNotAffected() {
        Map<Capability, Support> levels = new EnumMap<>(Capability.class);
        Capabilities capabilities = new Capabilities(levels, LIMITS);

        levels.put(Capability.WILDCARD, Support.NATIVE);

        assertThat(capabilities.has(Capability.WILDCARD)).isFalse();
    }
}
