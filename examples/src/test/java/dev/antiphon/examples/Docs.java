package dev.antiphon.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the project's Markdown. */
final class Docs {

    /** The project; tests run in the directory of their module. */
    static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static final Pattern SNIPPET =
            Pattern.compile("(?:<!-- snippet: (\\w+) (\\w+) -->\\n)?```java\\n(.*?)```", Pattern.DOTALL);

    private Docs() {}

    /** Java code in a page, and the region of an example it says it comes from; empty names if it says nothing. */
    record Snippet(String example, String region, String code) {}

    static String read(String page) {
        try {
            return Files.readString(ROOT.resolve(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Snippet> snippets(String page) {
        List<Snippet> snippets = new ArrayList<>();
        Matcher matcher = SNIPPET.matcher(read(page));
        while (matcher.find()) {
            String example = matcher.group(1) == null ? "" : matcher.group(1);
            snippets.add(new Snippet(example, example.isEmpty() ? "" : matcher.group(2), matcher.group(3)));
        }
        return snippets;
    }

    /** The lines between {@code // region name} and {@code // endregion}, without their common indentation. */
    static String region(String example, String region) {
        String source = read("examples/src/main/java/dev/antiphon/examples/" + example + ".java");
        String begin = "// region " + region + "\n";
        int from = source.indexOf(begin);
        int to = source.indexOf("// endregion", from);
        if (from < 0 || to < 0) {
            throw new AssertionError(example + " has no region " + region);
        }
        return source.substring(from + begin.length(), to).stripTrailing().stripIndent() + "\n";
    }

    /** The rows of the table whose header begins with these cells, as lists of cells; the header is the first. */
    static List<List<String>> table(String page, String header) {
        List<String> lines =
                read(page).lines().dropWhile(line -> !line.startsWith(header)).toList();
        return lines.stream()
                .takeWhile(line -> line.startsWith("|"))
                .filter(line -> !line.startsWith("|---"))
                .map(line -> Pattern.compile(" *\\| *")
                        .splitAsStream(line.substring(1))
                        .map(String::strip)
                        .collect(Collectors.toList()))
                .toList();
    }
}
