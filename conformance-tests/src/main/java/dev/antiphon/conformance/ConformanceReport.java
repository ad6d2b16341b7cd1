package dev.antiphon.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The outcomes of one mode, as a file, and what is expected of them. */
final class ConformanceReport {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final TransportFixture fixture;
    private final Map<String, Verdict> verdicts;

    ConformanceReport(TransportFixture fixture, Map<String, Verdict> verdicts) {
        this.fixture = fixture;
        this.verdicts = new TreeMap<>(verdicts);
    }

    /** Writes {@code conformance-report-<mode>.json}. */
    void write(Path directory) {
        ObjectNode root = JSON.createObjectNode();
        root.put("mode", fixture.mode());
        root.put("transport", fixture.provider().name());
        root.put("broker", fixture.broker());
        root.put("java", Runtime.version().toString());
        ObjectNode rules = root.putObject("rules");
        verdicts.forEach((rule, verdict) -> {
            ObjectNode entry = rules.putObject(rule);
            entry.put("outcome", verdict.outcome().toString());
            entry.put("millis", verdict.millis());
            if (!verdict.reason().isEmpty()) {
                entry.put("reason", verdict.reason());
            }
        });
        write(directory.resolve("conformance-report-" + fixture.mode() + ".json"), root);
    }

    /** Writes the outcomes as what is expected from now on, below the directory of test resources. Failing is never expected. */
    void updateExpectation(Path testResources) {
        ObjectNode root = JSON.createObjectNode();
        verdicts.forEach((rule, verdict) -> {
            if (verdict.outcome() != Outcome.FAIL) {
                root.put(rule, verdict.outcome().toString());
            }
        });
        write(testResources.resolve(resource().substring(1)), root);
    }

    /**
     * Where the outcomes are not what the class path says is expected. Failed rules are left out: they are reported by themselves.
     */
    List<String> differences(Class<?> testClass) {
        Map<String, String> expected = expected(testClass);
        List<String> differences = new ArrayList<>();
        verdicts.forEach((rule, verdict) -> {
            String before = expected.getOrDefault(rule, "not in the file");
            if (verdict.outcome() != Outcome.FAIL
                    && !before.equals(verdict.outcome().toString())) {
                differences.add(rule + ": expected " + before + ", is " + verdict.outcome());
            }
        });
        expected.keySet().stream()
                .filter(rule -> !verdicts.containsKey(rule))
                .forEach(rule -> differences.add(rule + ": expected, but there is no such rule"));
        return differences;
    }

    String resource() {
        return "/conformance/" + fixture.mode() + ".expected.json";
    }

    private Map<String, String> expected(Class<?> testClass) {
        Map<String, String> expected = new TreeMap<>();
        try (InputStream file = testClass.getResourceAsStream(resource())) {
            if (file != null) {
                JSON.readTree(file)
                        .properties()
                        .forEach(field ->
                                expected.put(field.getKey(), field.getValue().asText()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(resource(), e);
        }
        return expected;
    }

    private static void write(Path file, ObjectNode content) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, JSON.writeValueAsString(content) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }
}
