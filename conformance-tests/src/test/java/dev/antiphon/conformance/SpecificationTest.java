package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

class SpecificationTest {
    private static final Path SPEC = Path.of(System.getProperty("basedir", "."), "..", "docs", "spec");
    private static final Pattern ROW = Pattern.compile("\\| ([A-Z]+-\\d+) \\| (.*?) \\| (.*?) \\|");

    private record Text(String page, String what, String why) {
        boolean untested() {
            return why.startsWith("untested: ");
        }
    }

    @Test
    void rulesInCode_allHaveAText() throws IOException {
        assertThat(texts().keySet()).containsAll(RuleBook.rules().keySet());
    }

    @Test
    void rulesInSpecification_haveATestOrSayWhyNot() throws IOException {
        Map<String, Method> tests = RuleBook.rules();
        texts().forEach((rule, text) -> assertThat(tests.containsKey(rule))
                .as(
                        "%s in %s has %s",
                        rule, text.page(), text.untested() ? "a test, but says that it is untested" : "no test")
                .isNotEqualTo(text.untested()));
    }

    @Test
    void texts_saySomething() throws IOException {
        texts().forEach((rule, text) -> {
            assertThat(text.what()).as(rule).containsPattern("\\b(MUST|MAY)\\b").endsWith(".");
            assertThat(text.why()).as(rule).hasSizeGreaterThan(15).endsWith(".");
        });
    }

    @Test
    void groups_haveOnePageEach() throws IOException {
        Map<String, String> pages = new TreeMap<>();
        texts().forEach((rule, text) -> assertThat(pages.merge(prefix(rule), text.page(), (before, page) -> page))
                .as(rule)
                .isEqualTo(text.page()));
    }

    /** A large group may have several interfaces. */
    @Test
    void interfaces_haveOneGroupEach() {
        Map<Class<?>, String> groups = new HashMap<>();
        RuleBook.rules()
                .forEach((rule, method) -> assertThat(
                                groups.merge(method.getDeclaringClass(), prefix(rule), (before, group) -> before))
                        .as(rule)
                        .isEqualTo(prefix(rule)));
    }

    @Test
    void interfacesOfRules_areAllInTheSuite() throws Exception {
        Path classes = Path.of(TransportConformance.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve("dev/antiphon/conformance");
        try (Stream<Path> files = Files.list(classes)) {
            List<String> written = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Rules.class"))
                    .toList();
            assertThat(TransportConformance.class.getInterfaces())
                    .extracting(group -> group.getSimpleName() + ".class")
                    .containsExactlyInAnyOrderElementsOf(written);
        }
    }

    @Test
    void testsOfGroups_areAllRules() {
        for (Class<?> group : TransportConformance.class.getInterfaces()) {
            assertThat(group.getDeclaredMethods())
                    .filteredOn(method -> AnnotationSupport.isAnnotated(method, Testable.class))
                    .allSatisfy(method -> assertThat(method.isAnnotationPresent(Rule.class))
                            .as(method.toString())
                            .isTrue());
        }
    }

    private static String prefix(String rule) {
        return rule.substring(0, rule.indexOf('-'));
    }

    private static Map<String, Text> texts() throws IOException {
        Map<String, Text> texts = new TreeMap<>();
        try (Stream<Path> pages = Files.list(SPEC)) {
            for (Path page : pages.toList()) {
                for (String line : rows(page)) {
                    Matcher row = ROW.matcher(line);
                    assertThat(row.matches())
                            .as("%s: %s", page.getFileName(), line)
                            .isTrue();
                    Text text = new Text(page.getFileName().toString(), row.group(2), row.group(3));
                    assertThat(texts.put(row.group(1), text))
                            .as("second text of " + row.group(1))
                            .isNull();
                }
            }
        }
        return texts;
    }

    private static List<String> rows(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.matches("\\| [A-Z]+-\\d.*"))
                .toList();
    }
}
