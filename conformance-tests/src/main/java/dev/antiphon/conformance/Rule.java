package dev.antiphon.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;

/** Marks the test of one rule, a default method of a group's interface. Each rule has exactly one. */
@Test
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Rule {
    /** The number in {@code docs/spec}, such as {@code RR-14}. */
    String value();

    /** How long the test may take, in seconds before scaling. */
    int seconds() default 60;
}
