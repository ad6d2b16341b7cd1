package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Messenger;
import dev.antiphon.MessengerFactory;
import dev.antiphon.spi.TransportProvider;
import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The other tests run on the class path; users may choose the module path. */
class ModulePathTest {
    private static final Set<String> MODULES = Set.of(
            "dev.antiphon",
            "dev.antiphon.transport.inmemory",
            "dev.antiphon.transport.nats",
            "dev.antiphon.transport.amqp",
            "dev.antiphon.transport.kafka",
            "org.slf4j.simple");

    /** Jars that tests of streams bring, and that share packages with others. */
    private static final Pattern TEST_KIT = Pattern.compile("reactive-streams-tck|hamcrest-core|testng|junit-4");

    private final ModuleLayer layer = layer();

    @Test
    void services_areTheSameOnClassPathAndModulePath() {
        assertThat(provided(MessengerFactory.class))
                .isEqualTo(found(MessengerFactory.class))
                .isNotEmpty();
        assertThat(provided(TransportProvider.class))
                .isEqualTo(found(TransportProvider.class))
                .hasSize(4);
    }

    @Test
    void messenger_onModulePath_connects() throws Exception {
        Class<?> type = layer.findLoader("dev.antiphon").loadClass(Messenger.class.getName());
        Object messenger = type.getMethod("connect", String.class).invoke(null, "inmemory://module-path");
        try (AutoCloseable closing = (AutoCloseable) messenger) {
            assertThat(closing.getClass().getModule().getName()).isEqualTo("dev.antiphon");
        }
    }

    private Set<String> provided(Class<?> service) {
        return layer.modules().stream()
                .flatMap(module -> module.getDescriptor().provides().stream())
                .filter(provides -> provides.service().equals(service.getName()))
                .flatMap(provides -> provides.providers().stream())
                .collect(Collectors.toSet());
    }

    private static Set<String> found(Class<?> service) {
        return ServiceLoader.load(service).stream()
                .map(provider -> provider.type().getName())
                .collect(Collectors.toSet());
    }

    private static ModuleLayer layer() {
        Path[] path = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .filter(ModulePathTest::isModule)
                .toArray(Path[]::new);
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration = boot.configuration().resolve(ModuleFinder.of(path), ModuleFinder.of(), MODULES);
        return ModuleLayer.defineModulesWithOneLoader(
                        configuration, List.of(boot), ClassLoader.getPlatformClassLoader())
                .layer();
    }

    /** Whether the entry is a module, named in whatever way; directories of resources are none. */
    private static boolean isModule(Path entry) {
        if (TEST_KIT.matcher(entry.getFileName().toString()).lookingAt()) {
            return false;
        }
        try {
            return !ModuleFinder.of(entry).findAll().isEmpty();
        } catch (FindException noModule) {
            return false;
        }
    }
}
