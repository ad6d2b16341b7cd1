package dev.antiphon.conformance;

import static java.util.Objects.requireNonNull;

import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportProvider;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.TestAbortedException;

/**
 * Runs the rules of one class: gives each a harness and a time limit, cleans up behind it, records how it ended, and judges the
 * whole at the end. It sees to it that no rule is passed over in silence.
 */
final class ConformanceExtension implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor, TestWatcher {
    private static final String PARTIAL = "conformance.partial";
    private static final String UPDATE = "conformance.update";

    private final Map<String, Verdict> verdicts = new TreeMap<>();
    private @Nullable TransportFixture fixture;
    private @Nullable Capabilities capabilities;

    @Override
    public void beforeAll(ExtensionContext context) throws InterruptedException {
        TransportConformance suite = (TransportConformance) context.getRequiredTestInstance();
        TransportFixture opened = suite.openFixture();
        fixture = opened;
        capabilities = declared(opened);
    }

    /** What a started transport declares: it knows the limits of its broker. How well it closes is for the rules to judge. */
    private static Capabilities declared(TransportFixture fixture) throws InterruptedException {
        TransportProvider provider = fixture.provider();
        Duration limit = fixture.timing().signal();
        Transport transport =
                provider.create(Configs.of(provider, fixture.url(), fixture.options(), "conformance-capabilities"));
        try {
            Spi.await(transport.start(new Spi.Events()), fixture.timing());
            return transport.capabilities();
        } finally {
            Bounded.run("close", limit, () -> transport.close(limit));
        }
    }

    // -- One rule --

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        Rule rule = context.getRequiredTestMethod().getAnnotation(Rule.class);
        if (rule == null) {
            invocation.proceed();
            return;
        }
        TransportConformance suite = (TransportConformance) context.getRequiredTestInstance();
        Harness harness = new Harness(rule.value(), requireNonNull(fixture), requireNonNull(capabilities));
        long start = System.nanoTime();
        suite.use(harness);
        Duration limit = Timing.times(Duration.ofSeconds(rule.seconds()), Timing.scale());
        Optional<Throwable> failure = Bounded.run(rule.value(), limit, invocation::proceed);
        failure = cleanUp(harness, failure);
        suite.use(null);
        long millis = (System.nanoTime() - start) / 1_000_000;
        judge(rule.value(), harness, failure.orElse(null), millis);
    }

    private static Optional<Throwable> cleanUp(Harness harness, Optional<Throwable> failure)
            throws InterruptedException {
        try {
            harness.close();
            return failure;
        } catch (AssertionError residue) {
            failure.ifPresent(residue::addSuppressed);
            return failure.isPresent() ? failure : Optional.of(residue);
        }
    }

    private void judge(String rule, Harness harness, @Nullable Throwable thrown, long millis) throws Throwable {
        Throwable failure = thrown instanceof TestAbortedException
                ? new AssertionError("a rule must not skip itself: " + thrown.getMessage(), thrown)
                : thrown;
        Waiver waiver = waiver(rule);
        if (waiver != null && failure == null) {
            failure = new AssertionError("the rule passes: remove its waiver, " + waiver);
        } else if (waiver != null && waiver.holdsOn(LocalDate.now(ZoneOffset.UTC))) {
            verdicts.put(rule, new Verdict(Outcome.WAIVED, millis, waiver.toString()));
            return;
        }
        if (failure != null) {
            verdicts.put(rule, new Verdict(Outcome.FAIL, millis, failure.toString()));
            throw failure;
        }
        verdicts.put(rule, new Verdict(Outcome.passed(harness.level()), millis, ""));
    }

    private @Nullable Waiver waiver(String rule) {
        for (Waiver waiver : requireNonNull(fixture).waivers()) {
            if (waiver.rule().equals(rule)) {
                return waiver;
            }
        }
        return null;
    }

    // -- What the interceptor does not see --

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        record(context, new Verdict(Outcome.SKIPPED, 0, "disabled: " + reason.orElse("without a reason")));
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        record(context, new Verdict(Outcome.SKIPPED, 0, "aborted: " + cause));
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        record(context, new Verdict(Outcome.FAIL, 0, String.valueOf(cause)));
    }

    private void record(ExtensionContext context, Verdict verdict) {
        Rule rule = context.getRequiredTestMethod().getAnnotation(Rule.class);
        if (rule != null) {
            verdicts.putIfAbsent(rule.value(), verdict);
        }
    }

    // -- The whole --

    @Override
    public void afterAll(ExtensionContext context) {
        TransportFixture opened = fixture;
        if (opened == null) {
            return;
        }
        try (opened) {
            if (flag(context, PARTIAL)) {
                return;
            }
            Class<?> testClass = context.getRequiredTestClass();
            RuleBook.rules().forEach((rule, method) -> complete(rule, method, testClass));
            ConformanceReport report = new ConformanceReport(opened, verdicts);
            report.write(Path.of(System.getProperty("antiphon.test.reports", "target")));
            failIfSilent();
            if (flag(context, UPDATE)) {
                report.updateExpectation(Path.of(System.getProperty("basedir", "."), "src/test/resources"));
            } else {
                failIfDifferent(report.differences(testClass), report.resource());
            }
        }
    }

    private void complete(String rule, Method method, Class<?> testClass) {
        if (RuleBook.overridden(method, testClass)) {
            verdicts.put(rule, Verdict.of(Outcome.OVERRIDDEN));
        } else {
            verdicts.putIfAbsent(rule, Verdict.of(Outcome.NOT_RUN));
        }
    }

    private void failIfSilent() {
        List<String> silent = verdicts.entrySet().stream()
                .filter(entry -> entry.getValue().outcome().silent())
                .map(entry -> entry.getKey() + " " + entry.getValue().outcome() + " "
                        + entry.getValue().reason())
                .toList();
        if (!silent.isEmpty()) {
            throw new AssertionError("rules did not judge this transport: " + silent
                    + "; while working on some rules, set -D" + PARTIAL + "=true");
        }
    }

    private static void failIfDifferent(List<String> differences, String resource) {
        if (!differences.isEmpty()) {
            throw new AssertionError("the outcomes are not those of src/test/resources" + resource + ":\n  "
                    + String.join("\n  ", differences) + "\nIf that is right, run again with -D" + UPDATE
                    + "=true, which writes the file, and check it in.");
        }
    }

    private static boolean flag(ExtensionContext context, String name) {
        return context.getConfigurationParameter(name).filter("true"::equals).isPresent();
    }
}
