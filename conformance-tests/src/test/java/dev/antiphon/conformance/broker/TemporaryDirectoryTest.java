package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class TemporaryDirectoryTest {
    @Test
    void close_removesAllThatIsInIt() throws Exception {
        TemporaryDirectory directory = TemporaryDirectory.create("some");
        Files.createDirectories(directory.file("a/b/c"));
        directory.write("a/b/file", "content".getBytes(UTF_8));
        assertThat(directory.file("a/b/file")).hasContent("content");
        directory.close();
        assertThat(directory.path()).doesNotExist();
        directory.close();
    }

    @Test
    void close_leavesWhatLinksLeadTo() throws Exception {
        try (TemporaryDirectory kept = TemporaryDirectory.create("kept")) {
            kept.write("file", new byte[1]);
            TemporaryDirectory directory = TemporaryDirectory.create("some");
            Files.createSymbolicLink(directory.file("link"), kept.path());
            directory.close();
            assertThat(kept.file("file")).exists();
        }
    }
}
