package dev.antiphon.conformance;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The rules in the code. */
final class RuleBook {
    private RuleBook() {}

    /** Every rule of the suite by its number, sorted. */
    static Map<String, Method> rules() {
        Map<String, Method> rules = new TreeMap<>();
        for (Class<?> group : TransportConformance.class.getInterfaces()) {
            for (Method method : group.getDeclaredMethods()) {
                Rule rule = method.getAnnotation(Rule.class);
                if (rule != null && rules.put(rule.value(), method) != null) {
                    throw new IllegalStateException("two methods have the rule " + rule.value());
                }
            }
        }
        return rules;
    }

    /** Whether a test class changed what a rule does. */
    static boolean overridden(Method rule, Class<?> testClass) {
        return Arrays.stream(testClass.getMethods())
                .anyMatch(method -> method.getName().equals(rule.getName())
                        && Arrays.equals(method.getParameterTypes(), rule.getParameterTypes())
                        && method.getDeclaringClass() != rule.getDeclaringClass());
    }
}
