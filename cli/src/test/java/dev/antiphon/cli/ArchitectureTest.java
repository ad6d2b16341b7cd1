package dev.antiphon.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.antiphon.Call;
import dev.antiphon.Messenger;
import dev.antiphon.spi.TransportProvider;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The arrows between the packages of the project; the command line is where all of them can be seen. */
class ArchitectureTest {
    private static final String ROOT = "dev.antiphon";
    private static final String SPI = ROOT + ".spi";
    private static final String ENGINE = ROOT + ".engine";
    private static final String ENGINE_ENTRY = ENGINE + ".EngineMessengerFactory";
    private static final String CONFORMANCE = ROOT + ".conformance";

    private static final JavaClasses PROJECT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);
    private static final DescribedPredicate<JavaClass> OURS =
            resideInAPackage(ROOT + "..").as("classes of the project");

    @Test
    void transports_areSeen() {
        assertThat(transportPackages())
                .contains(
                        ROOT + ".transport.inmemory",
                        ROOT + ".transport.nats",
                        ROOT + ".transport.amqp",
                        ROOT + ".transport.kafka");
    }

    @Test
    void packages_haveNoCycles() {
        slices().assignedFrom(new ByPackage()).should().beFreeOfCycles().check(PROJECT);
    }

    @Test
    void packages_areNullMarked() {
        Set<String> unmarked = PROJECT.stream()
                .map(JavaClass::getPackage)
                .filter(found -> !found.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .collect(Collectors.toSet());
        assertThat(unmarked).isEmpty();
    }

    @Test
    void userTypes_knowNothingElse() {
        onlyKnows(ROOT, ROOT);
    }

    @Test
    void transportInterface_knowsUserTypesOnly() {
        onlyKnows(SPI, ROOT, SPI);
    }

    @Test
    void engine_knowsNoTransport() {
        onlyKnows(ENGINE, ROOT, SPI, ENGINE);
    }

    @Test
    void transports_knowUserTypesAndTransportInterfaceOnly() {
        for (String transport : transportPackages()) {
            onlyKnows(transport + "..", ROOT, SPI, transport + "..");
        }
    }

    @Test
    void engineTypes_arePackagePrivateButTheEntry() {
        classes()
                .that(resideInAPackage(ENGINE))
                .and()
                .doNotHaveFullyQualifiedName(ENGINE_ENTRY)
                .and()
                .areTopLevelClasses()
                .should()
                .bePackagePrivate()
                .check(PROJECT);
        classes()
                .that()
                .haveFullyQualifiedName(ENGINE_ENTRY)
                .should()
                .bePublic()
                .andShould()
                .haveModifier(JavaModifier.FINAL)
                .check(PROJECT);
    }

    @Test
    void requests_areImplementedInTheEngineOnly() {
        noClasses()
                .that(not(resideInAPackage(ENGINE)))
                .should()
                .beAssignableTo(described(Messenger.class))
                .orShould()
                .beAssignableTo(described(Call.class))
                .check(PROJECT);
    }

    private static void onlyKnows(String from, String... to) {
        noClasses()
                .that(resideInAPackage(from))
                .should()
                .dependOnClassesThat(OURS.and(not(resideInAnyPackage(to))))
                .check(PROJECT);
    }

    private static DescribedPredicate<JavaClass> described(Class<?> type) {
        return describe(
                "a " + type.getSimpleName(),
                candidate -> assignableTo(type).test(candidate) && !candidate.isEquivalentTo(type));
    }

    private static Set<String> transportPackages() {
        return PROJECT.stream()
                .filter(assignableTo(TransportProvider.class))
                .filter(candidate -> !candidate.isEquivalentTo(TransportProvider.class))
                .map(JavaClass::getPackageName)
                .filter(name -> !name.startsWith(CONFORMANCE))
                .collect(Collectors.toSet());
    }

    /** Each package on its own, with its name as its slice. */
    private static final class ByPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass candidate) {
            return SliceIdentifier.of(candidate.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
