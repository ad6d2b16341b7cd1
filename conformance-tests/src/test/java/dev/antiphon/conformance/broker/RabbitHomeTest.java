package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RabbitHomeTest {
    @TempDir
    private Path directory;

    @Test
    void withoutPlugins_ofARelease_hasWhatTheServerIsMadeOf() throws IOException {
        Path release = directory.resolve("rabbitmq_server-3.10.8");
        Path program = file(release.resolve("sbin/rabbitmq-server"));
        file(release.resolve("sbin/rabbitmq-env"));
        for (String plugin : new String[] {"rabbit-3.10.8", "ra-2.2.0", "rabbitmq_prelaunch-3.10.8"}) {
            file(release.resolve("plugins/" + plugin + "/ebin/some.app"));
        }
        file(release.resolve("plugins/rabbitmq_management-3.10.8/ebin/some.app"));
        Path onThePath = Files.createSymbolicLink(directory.resolve("rabbitmq-server"), program);

        Path lean = RabbitHome.withoutPlugins(onThePath, directory.resolve("lean"));

        assertThat(lean).isEqualTo(directory.resolve("lean/sbin/rabbitmq-server"));
        assertThat(lean.toRealPath()).isEqualTo(program.toRealPath());
        assertThat(lean.resolveSibling("rabbitmq-env")).isRegularFile();
        assertThat(directory.resolve("lean/plugins"))
                .isDirectoryContaining("glob:**/rabbit-3.10.8")
                .isDirectoryContaining("glob:**/ra-2.2.0")
                .isDirectoryContaining("glob:**/rabbitmq_prelaunch-3.10.8")
                .isDirectoryNotContaining("glob:**/rabbitmq_management*");
    }

    @Test
    void withoutPlugins_ofSomethingElse_isThat() throws IOException {
        Path program = file(directory.resolve("bin/rabbitmq-server"));

        assertThat(RabbitHome.withoutPlugins(program, directory.resolve("lean")))
                .isEqualTo(program);
    }

    private static Path file(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        return Files.createFile(path);
    }
}
