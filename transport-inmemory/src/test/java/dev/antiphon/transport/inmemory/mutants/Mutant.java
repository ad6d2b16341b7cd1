package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Transport;
import java.util.function.UnaryOperator;

/**
 * A transport with one defect.
 *
 * @param name what is wrong with it
 * @param killedBy the rule that must find out
 * @param says what the failure of that rule must mention
 * @param defect makes it out of a sound transport
 * @param declares what it declares in place of what is true
 * @param inboxes whether replies travel over subjects
 */
record Mutant(
        String name,
        String killedBy,
        String says,
        UnaryOperator<Transport> defect,
        UnaryOperator<Capabilities> declares,
        boolean inboxes) {

    static Mutant of(String name, String killedBy, String says, UnaryOperator<Transport> defect) {
        return new Mutant(name, killedBy, says, defect, UnaryOperator.identity(), false);
    }

    static Mutant lying(String name, String killedBy, String says, UnaryOperator<Capabilities> declares) {
        return new Mutant(name, killedBy, says, UnaryOperator.identity(), declares, false);
    }

    /** No mutant at all. */
    static Mutant none() {
        return of("none", "", "", UnaryOperator.identity());
    }

    /** A transport whose replies travel over subjects. */
    static Mutant withInboxes(String name, String killedBy, String says, UnaryOperator<String> naming) {
        return new Mutant(name, killedBy, says, sound -> new Inboxes(sound, naming), UnaryOperator.identity(), true);
    }

    /** Whether no rule is to kill it. */
    boolean isSound() {
        return killedBy.isEmpty();
    }

    @Override
    public String toString() {
        return name + " (" + killedBy + ")";
    }
}
