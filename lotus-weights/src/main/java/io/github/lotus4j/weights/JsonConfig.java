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
 * Each reader comes in two forms: without a default, an absent key is an error; a value of another type always is one.
 * Immutable.
 */
public final class JsonConfig {
    private final String source;
    private final ObjectNode root;

    private JsonConfig(String source, ObjectNode root) {
        this.source = source;
        this.root = root;
    }

    /**
     * @throws CheckpointException if the file cannot be read or does not hold a JSON object
     */
    public static JsonConfig read(Path file) {
        return new JsonConfig(file.toString(), Json.read(file));
    }

    /** A config that was made, not read; {@code source} is what messages call it. */
    static JsonConfig of(String source, ObjectNode root) {
        return new JsonConfig(source, root);
    }

    /** Where the values come from: a file's path, or in words where there is no file. */
    public String source() {
        return source;
    }

    /** Whether there is a value, and it is not {@code null}. */
    public boolean has(String key) {
        return root.hasNonNull(key);
    }

    public String string(String key) {
        return required(key, JsonNode::isTextual, "a string", JsonNode::textValue);
    }

    public String string(String key, String absent) {
        return has(key) ? string(key) : absent;
    }

    public int integer(String key) {
        return required(key, JsonConfig::isInt, "a whole number", JsonNode::intValue);
    }

    public int integer(String key, int absent) {
        return has(key) ? integer(key) : absent;
    }

    public double number(String key) {
        return required(key, JsonNode::isNumber, "a number", JsonNode::doubleValue);
    }

    public double number(String key, double absent) {
        return has(key) ? number(key) : absent;
    }

    public boolean bool(String key) {
        return required(key, JsonNode::isBoolean, "true or false", JsonNode::booleanValue);
    }

    public boolean bool(String key, boolean absent) {
        return has(key) ? bool(key) : absent;
    }

    /** A list of whole numbers. */
    public int[] ints(String key) {
        return required(key, node -> isListOf(node, JsonConfig::isInt), "a list of whole numbers", node -> {
            int[] values = new int[node.size()];
            Arrays.setAll(values, i -> node.get(i).intValue());
            return values;
        });
    }

    /** A list of {@code count} whole numbers, or one that stands for all of them. */
    public int[] ints(String key, int count) {
        if (isInt(root.path(key))) {
            int[] same = new int[count];
            Arrays.fill(same, integer(key));
            return same;
        }
        int[] values = ints(key);
        if (values.length != count) {
            throw fault(key, root.path(key).toString(), "a list of " + count);
        }
        return values;
    }

    /** A list of strings. */
    public List<String> strings(String key) {
        return required(key, node -> isListOf(node, JsonNode::isTextual), "a list of strings", node -> {
            List<String> values = new ArrayList<>();
            node.forEach(element -> values.add(element.textValue()));
            return List.copyOf(values);
        });
    }

    /**
     * Refuses a config that asks for something that is not built: the value must be absent or one of {@code supported},
     * which are strings, booleans, ints or doubles. Numbers compare by value.
     *
     * @throws CheckpointException naming file, key, value and what is supported
     */
    public void requireOneOf(String key, Object... supported) {
        if (has(key) && Arrays.stream(supported).noneMatch(value -> equal(root.get(key), value))) {
            throw fault(key, root.get(key).toString(), Arrays.toString(supported) + ", all that is supported");
        }
    }

    private static boolean equal(JsonNode node, Object value) {
        return switch (value) {
            case String text -> node.isTextual() && node.textValue().equals(text);
            case Boolean flag -> node.isBoolean() && node.booleanValue() == flag;
            case Integer number -> node.isNumber() && node.doubleValue() == number;
            case Double number -> node.isNumber() && node.doubleValue() == number;
            default -> throw new IllegalArgumentException("a config value cannot be a " + value.getClass());
        };
    }

    private static boolean isInt(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToInt();
    }

    private static boolean isListOf(JsonNode node, Predicate<JsonNode> type) {
        return node.isArray() && node.valueStream().allMatch(type);
    }

    private <T> T required(String key, Predicate<JsonNode> type, String expected, Function<JsonNode, T> value) {
        JsonNode node = root.path(key);
        if (!type.test(node)) {
            throw fault(key, has(key) ? node.toString() : "absent", expected);
        }
        return value.apply(node);
    }

    private CheckpointException fault(String key, String found, String expected) {
        return new CheckpointException(source + ": " + key + " is " + found + ", expected " + expected);
    }
}
