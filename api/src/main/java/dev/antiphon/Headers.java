package dev.antiphon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Names and values that travel with a message. Immutable and thread-safe.
 *
 * <p>A name may have several values; their order, and the spelling of names, are kept on the way. Names are compared
 * without regard to ASCII case, because brokers and their clients disagree about it.
 *
 * <p>What every broker carries unchanged is allowed and nothing else: names are letters, digits and
 * {@code !#$%&'*+-.^_`|~} (a token of RFC 9110); values are printable ASCII, without white space at either end. Text
 * outside of that belongs into the body, or percent-encoded into a value. Names that begin with {@code antiphon-} are
 * the library's own and are refused when a message is sent.
 */
public final class Headers {

    /** No headers. */
    public static final Headers EMPTY = new Headers(new String[0]);

    private static final String NAME_PUNCTUATION = "!#$%&'*+-.^_`|~";

    private final String[] pairs;

    private Headers(String[] pairs) {
        this.pairs = pairs;
    }

    /**
     * Headers of alternating names and values.
     *
     * @throws AntiphonException INVALID_ARGUMENT when a name or value holds a character that not every broker carries
     */
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw invalid("Headers.of needs a value for every name; got " + namesAndValues.length + " strings");
        }
        for (int i = 0; i < namesAndValues.length; i += 2) {
            checkName(namesAndValues[i]);
            checkValue(namesAndValues[i], namesAndValues[i + 1]);
        }
        return namesAndValues.length == 0 ? EMPTY : new Headers(namesAndValues.clone());
    }

    /**
     * Headers as a transport received them: nothing is checked and the array is not copied. For transports, since a
     * foreign producer may send what {@link #of} refuses.
     */
    public static Headers received(String... namesAndValues) {
        return namesAndValues.length == 0 ? EMPTY : new Headers(namesAndValues);
    }

    /** These headers with {@code name} set to this one value; earlier values of the name are replaced. */
    public Headers with(String name, String value) {
        return without(name).plus(name, value);
    }

    /** These headers with one more value for {@code name}. */
    public Headers plus(String name, String value) {
        checkName(name);
        checkValue(name, value);
        String[] more = Arrays.copyOf(pairs, pairs.length + 2);
        more[pairs.length] = name;
        more[pairs.length + 1] = value;
        return new Headers(more);
    }

    /** These headers without any value of {@code name}. */
    public Headers without(String name) {
        if (!contains(name)) {
            return this;
        }
        List<String> kept = new ArrayList<>(pairs.length);
        forEach((n, v) -> {
            if (!n.equalsIgnoreCase(name)) {
                kept.add(n);
                kept.add(v);
            }
        });
        return received(kept.toArray(new String[0]));
    }

    /** The first value of {@code name}. */
    public Optional<String> first(String name) {
        int index = indexOf(name);
        return index < 0 ? Optional.empty() : Optional.of(pairs[index + 1]);
    }

    /** Every value of {@code name}, in order; empty when there is none. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>(2);
        forEach((n, v) -> {
            if (n.equalsIgnoreCase(name)) {
                values.add(v);
            }
        });
        return List.copyOf(values);
    }

    /** Whether {@code name} has a value. */
    public boolean contains(String name) {
        return indexOf(name) >= 0;
    }

    /** Whether a name begins with {@code prefix}, compared without regard to case. */
    public boolean containsPrefix(String prefix) {
        for (int i = 0; i < pairs.length; i += 2) {
            // Mostly it is spelled like this, and that is quicker.
            if (pairs[i].startsWith(prefix) || pairs[i].regionMatches(true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        return false;
    }

    /** The names, each once, in the spelling and order of their first value. */
    public Set<String> names() {
        Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        Set<String> names = new LinkedHashSet<>();
        forEach((n, v) -> {
            if (seen.add(n)) {
                names.add(n);
            }
        });
        return names;
    }

    /** How many values there are in all. */
    public int size() {
        return pairs.length / 2;
    }

    /** Whether there are no headers. */
    public boolean isEmpty() {
        return pairs.length == 0;
    }

    /** Calls {@code action} with each name and value, in order. */
    public void forEach(BiConsumer<String, String> action) {
        for (int i = 0; i < pairs.length; i += 2) {
            action.accept(pairs[i], pairs[i + 1]);
        }
    }

    private int indexOf(String name) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i].equalsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    private static void checkName(String name) {
        if (name.isEmpty()) {
            throw invalid("a header name is empty");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!alphanumeric && NAME_PUNCTUATION.indexOf(c) < 0) {
                throw invalid("header name \"" + printable(name) + "\" has a character that is not allowed at index "
                        + i + "; use letters, digits and " + NAME_PUNCTUATION);
            }
        }
    }

    private static void checkValue(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean atEnd = i == 0 || i == value.length() - 1;
            if (c < ' ' || c > '~' || (c == ' ' && atEnd)) {
                throw invalid("the value of header " + name + " has a character that is not allowed at index " + i
                        + "; use printable ASCII without white space at the ends, or percent-encode it");
            }
        }
    }

    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static AntiphonException invalid(String message) {
        return new AntiphonException(ErrorCode.INVALID_ARGUMENT, message);
    }

    /** Equal when names (without regard to case), values and order are. */
    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Headers that) || that.pairs.length != pairs.length) {
            return false;
        }
        for (int i = 0; i < pairs.length; i += 2) {
            if (!pairs[i].equalsIgnoreCase(that.pairs[i]) || !pairs[i + 1].equals(that.pairs[i + 1])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < pairs.length; i += 2) {
            hash = 31 * hash + pairs[i].toLowerCase(Locale.ROOT).hashCode();
            hash = 31 * hash + pairs[i + 1].hashCode();
        }
        return hash;
    }

    /** The names only: values may be secret. */
    @Override
    public String toString() {
        return names().toString();
    }
}
