package dev.antiphon.conformance.broker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a broker in one place after the other, keeps the first, and remembers why the others were none. A place that has one
 * which then does not work is the end of the search: a test never runs with another broker than it should.
 */
final class BrokerSearch<B> {
    private final String broker;
    private final Environment environment;
    private final BrokerChoice choice;
    private final List<String> tried = new ArrayList<>();
    private @Nullable B found;

    /** @param broker what is looked for, in messages */
    BrokerSearch(String broker, Environment environment) {
        this.broker = broker;
        this.environment = environment;
        choice = BrokerChoice.of(environment);
    }

    /** A broker that somebody else runs, whose address is in that variable. */
    BrokerSearch<B> address(String variable, Function<String, B> open) {
        if (considers(variable, BrokerChoice.AUTO)) {
            Optional<String> address = environment.setting(variable);
            address.ifPresentOrElse(value -> found = open.apply(value), () -> tried.add(variable + ": not set"));
        }
        return this;
    }

    /** A container of that image. */
    BrokerSearch<B> docker(String image, Supplier<B> open) {
        if (considers("Docker", BrokerChoice.DOCKER)) {
            Optional<String> obstacle = DockerEngine.obstacle(image, environment);
            obstacle.ifPresentOrElse(reason -> tried.add("Docker: " + reason), () -> found = open.get());
        }
        return this;
    }

    /** A process of an installed program. */
    BrokerSearch<B> program(String name, Function<Path, B> open) {
        return program(name, file -> true, open);
    }

    /** A process of an installed program; not every one of that name is genuine. */
    BrokerSearch<B> program(String name, Predicate<Path> genuine, Function<Path, B> open) {
        if (considers("native", BrokerChoice.NATIVE)) {
            Optional<Path> program = environment.program(name, genuine);
            program.ifPresentOrElse(
                    path -> found = open.apply(path),
                    () -> tried.add("native: no program " + name + " in " + environment.searchPath()));
        }
        return this;
    }

    /** A process of a program that comes with this build, or of none, for a reason: whatever the choice. */
    <T> BrokerSearch<B> process(String obstacle, Optional<T> program, Function<T, B> open) {
        if (found == null) {
            program.ifPresentOrElse(path -> found = open.apply(path), () -> tried.add("process: " + obstacle));
        }
        return this;
    }

    /** What was found. */
    B orFail(List<String> remedies) {
        if (found == null) {
            throw new BrokerUnavailableException(broker, tried, remedies);
        }
        return found;
    }

    private boolean considers(String place, BrokerChoice kind) {
        if (found != null) {
            return false;
        }
        boolean allowed = choice == BrokerChoice.AUTO || choice == kind;
        if (!allowed) {
            tried.add(place + ": ruled out by " + BrokerChoice.VARIABLE + "=" + choice);
        }
        return allowed;
    }
}
