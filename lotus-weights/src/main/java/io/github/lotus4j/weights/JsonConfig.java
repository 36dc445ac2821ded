package io.github.lotus4j.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A {@code config.json}, read key by key with the type that is expected there. A value of {@code null} counts as absent.
 * Every reader throws a {@link CheckpointException} that names file, key, what was found and what was expected. Immutable.
 */
public final class JsonConfig {
    /** Whole numbers from {@code least} to {@code most}. */
    public record Range(int least, int most) {
        boolean contains(JsonNode node) {
            return node.canConvertToExactIntegral()
                    && node.canConvertToInt()
                    && node.intValue() >= least
                    && node.intValue() <= most;
        }

        @Override
        public String toString() {
            return least == most ? Integer.toString(most) : least + " to " + most;
        }
    }

    /** Of channels, heads, groups or tokens: no network has more, and nine times one fits an int. */
    public static final Range SIZE = new Range(1, 1 << 20);

    private final Path file;
    private final ObjectNode root;

    private JsonConfig(Path file, ObjectNode root) {
        this.file = file;
        this.root = root;
    }

    public static JsonConfig read(Path file) {
        return new JsonConfig(file, Json.read(file));
    }

    /** A config in which every key is absent; messages name {@code file}. */
    static JsonConfig empty(Path file) {
        return new JsonConfig(file, Json.object());
    }

    /** Values that stand in for a file that is absent; messages name {@code file}. */
    static JsonConfig of(Path file, ObjectNode values) {
        return new JsonConfig(file, values);
    }

    /** The file the values are from, or would be from. */
    public Path file() {
        return file;
    }

    /** Whether all values are equal; remarks, whose keys begin with an underscore, are not values. */
    boolean sameAs(JsonConfig other) {
        return values().equals(other.values());
    }

    private ObjectNode values() {
        ObjectNode values = root.deepCopy();
        root.fieldNames().forEachRemaining(key -> {
            if (key.startsWith("_")) {
                values.remove(key);
            }
        });
        return values;
    }

    /** Whether there is a value, and it is not {@code null}. */
    public boolean has(String key) {
        return root.hasNonNull(key);
    }

    /** An integer in {@code range} that must be there. */
    public int integer(String key, Range range) {
        requirePresent(key, "an integer, " + range);
        return integer(key, range.least, range);
    }

    /** An integer in {@code range}. */
    public int integer(String key, int orElse, Range range) {
        return value(key, orElse, range::contains, JsonNode::intValue, "an integer, " + range);
    }

    /** A number from {@code least} to {@code most}. */
    public double number(String key, double orElse, double least, double most) {
        return value(
                key,
                orElse,
                node -> node.isNumber() && node.doubleValue() >= least && node.doubleValue() <= most,
                JsonNode::doubleValue,
                "a number from " + least + " to " + most);
    }

    public boolean flag(String key, boolean orElse) {
        return value(key, orElse, JsonNode::isBoolean, JsonNode::booleanValue, "true or false");
    }

    public String text(String key, String orElse) {
        return value(key, orElse, JsonNode::isTextual, JsonNode::textValue, "a string");
    }

    /** A string that must be one of {@code allowed}. */
    public String oneOf(String key, String orElse, String... allowed) {
        String found = text(key, orElse);
        if (!Arrays.asList(allowed).contains(found)) {
            throw notBuilt(key, quoted(found), quotedAll(allowed));
        }
        return found;
    }

    /** A list that must be there, with its length and its integers in their ranges. */
    public int[] integers(String key, Range length, Range each) {
        String expected = "a list of " + length + " integers, each " + each;
        requirePresent(key, expected);
        JsonNode list = root.get(key);
        if (!list.isArray() || list.size() < length.least || list.size() > length.most) {
            throw wrong(key, expected);
        }
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            if (!each.contains(list.get(i))) {
                throw wrong(key, expected);
            }
            values[i] = list.get(i).intValue();
        }
        return values;
    }

    /** A list of {@code count} integers in {@code range}, or one integer that stands for all of them. */
    public int[] integers(String key, int count, int orElse, Range range) {
        if (has(key) && root.get(key).isArray()) {
            return integers(key, new Range(count, count), range);
        }
        int[] values = new int[count];
        Arrays.fill(values, integer(key, orElse, range));
        return values;
    }

    /** Refuses a {@code divisor}, the value of {@code key}, that does not divide all {@code values} of {@code other}. */
    public void requireDivides(String key, int divisor, String other, int... values) {
        for (int value : values) {
            if (value % divisor != 0) {
                throw new CheckpointException(
                        file + ": " + key + " is " + divisor + ", expected a divisor of " + value + ", of " + other);
            }
        }
    }

    /** A list of {@code count} strings, each one of {@code allowed}. */
    public List<String> allOf(String key, int count, String... allowed) {
        requirePresent(key, "a list of strings");
        JsonNode list = root.get(key);
        if (!list.isArray() || list.size() != count) {
            throw wrong(key, "a list of " + count + " strings");
        }
        List<String> values = new ArrayList<>();
        for (JsonNode each : list) {
            if (!each.isTextual() || !Arrays.asList(allowed).contains(each.textValue())) {
                throw notBuilt(key, Json.brief(each), quotedAll(allowed));
            }
            values.add(each.textValue());
        }
        return List.copyOf(values);
    }

    /** Refuses any present value but {@code only}. */
    public void require(String key, String only) {
        String found = text(key, only);
        if (!found.equals(only)) {
            throw notBuilt(key, quoted(found), quoted(only));
        }
    }

    /** Refuses any present value but {@code only}. */
    public void require(String key, boolean only) {
        if (flag(key, only) != only) {
            throw notBuilt(key, Boolean.toString(!only), Boolean.toString(only));
        }
    }

    /** Refuses any present value but {@code only}. */
    public void require(String key, int only) {
        if (value(key, (double) only, JsonNode::isNumber, JsonNode::doubleValue, "a number") != only) {
            throw notBuilt(key, Json.brief(root.get(key)), Integer.toString(only));
        }
    }

    /** Refuses any value. */
    public void requireAbsent(String key) {
        if (has(key)) {
            throw notBuilt(key, Json.brief(root.get(key)), "null");
        }
    }

    private <T> T value(
            String key, T orElse, Predicate<JsonNode> fits, Function<JsonNode, T> convert, String expected) {
        if (!has(key)) {
            return orElse;
        }
        JsonNode node = root.get(key);
        if (!fits.test(node)) {
            throw wrong(key, expected);
        }
        return convert.apply(node);
    }

    private void requirePresent(String key, String expected) {
        if (!has(key)) {
            throw new CheckpointException(file + ": " + key + " is missing, expected " + expected);
        }
    }

    private CheckpointException wrong(String key, String expected) {
        return new CheckpointException(
                file + ": " + key + " is " + Json.brief(root.get(key)) + ", expected " + expected);
    }

    private CheckpointException notBuilt(String key, String found, String built) {
        return new CheckpointException(file + ": " + key + " is " + found + ", and only " + built + " is built");
    }

    private static String quoted(String text) {
        return "\"" + Json.brief(text) + "\"";
    }

    private static String quotedAll(String... texts) {
        return String.join(" or ", Arrays.stream(texts).map(JsonConfig::quoted).toList());
    }
}
