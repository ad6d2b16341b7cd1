package dev.antiphon.conformance.broker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.ImageNameSubstitutor;

/** Whether containers can be run. The client program may be installed without an engine, so that is not what counts. */
final class DockerEngine {
    private static final List<String> SIGNS_AT_HOME =
            List.of(".docker/run/docker.sock", ".docker/desktop/docker.sock", ".testcontainers.properties");

    private static final Map<String, Optional<String>> OBSTACLES = new ConcurrentHashMap<>();

    private DockerEngine() {}

    /** Why no container of that image can be run, or empty if one can. Fetches the image; finds out once. */
    static Optional<String> obstacle(String image, Environment environment) {
        // To find no engine takes Testcontainers half a second and a page of log: first see if there can be one.
        if (!hasSign(environment, Path.of(System.getProperty("user.home", "")))) {
            return Optional.of("no sign of an engine (DOCKER_HOST, docker.sock)");
        }
        return OBSTACLES.computeIfAbsent(image, DockerEngine::fetch);
    }

    static boolean hasSign(Environment environment, Path home) {
        if (environment.setting("DOCKER_HOST").isPresent()
                || System.getProperty("os.name", "").startsWith("Windows")) {
            return true;
        }
        Stream<Path> ofSystem = Stream.of(Path.of("/var/run/docker.sock"));
        Stream<Path> ofUser = environment.setting("XDG_RUNTIME_DIR").stream().map(run -> Path.of(run, "docker.sock"));
        Stream<Path> atHome = SIGNS_AT_HOME.stream().map(home::resolve);
        return Stream.of(ofSystem, ofUser, atHome).flatMap(paths -> paths).anyMatch(Files::exists);
    }

    private static Optional<String> fetch(String image) {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return Optional.of("no engine answers");
        }
        try {
            fetch(
                    DockerClientFactory.instance().client(),
                    ImageNameSubstitutor.instance().apply(DockerImageName.parse(image)));
            return Optional.empty();
        } catch (DockerException e) {
            return Optional.of("cannot fetch the image " + image + ": " + e.getMessage());
        } catch (InterruptedException e) {
            throw BrokerException.interrupted("fetching the image " + image, e);
        }
    }

    /** One attempt: Testcontainers would try for two minutes where there is no way to the registry. */
    private static void fetch(DockerClient docker, DockerImageName image) throws InterruptedException {
        try {
            docker.inspectImageCmd(image.asCanonicalNameString()).exec();
        } catch (NotFoundException e) {
            docker.pullImageCmd(image.getUnversionedPart())
                    .withTag(image.getVersionPart())
                    .start()
                    .awaitCompletion();
        }
    }
}
