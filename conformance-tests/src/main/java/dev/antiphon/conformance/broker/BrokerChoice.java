package dev.antiphon.conformance.broker;

import java.util.Arrays;
import java.util.Locale;

/** Which brokers the tests may use: the environment variable {@code ANTIPHON_TEST_BROKERS}. */
enum BrokerChoice {
    /** Explicit address, else Docker, else native. */
    AUTO,
    /** Containers only, but for brokers that come with this build. */
    DOCKER,
    /** Processes of installed programs only. */
    NATIVE;

    static final String VARIABLE = "ANTIPHON_TEST_BROKERS";

    static BrokerChoice of(Environment environment) {
        String value = environment.setting(VARIABLE).orElse(AUTO.toString());
        return Arrays.stream(values())
                .filter(choice -> choice.toString().equals(value))
                .findFirst()
                .orElseThrow(
                        () -> new BrokerException(VARIABLE + "=" + value + " is none of " + Arrays.toString(values())));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
