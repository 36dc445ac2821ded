package io.github.lotus4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonConfigTest {
    private static final JsonConfig.Range UP_TO_9 = new JsonConfig.Range(1, 9);

    @TempDir
    Path folder;

    @Test
    void readsByType() throws IOException {
        JsonConfig config = config("{'i': 3, 'd': 0.5, 'f': true, 's': 'x', 'l': [1, 2], 'n': null}");
        assertThat(config.integer("i", UP_TO_9)).isEqualTo(3);
        assertThat(config.number("d", 0, 0, 9)).isEqualTo(0.5);
        assertThat(config.number("i", 0, 3, 3)).isEqualTo(3);
        assertThat(config.flag("f", false)).isTrue();
        assertThat(config.text("s", "")).isEqualTo("x");
        assertThat(config.integers("l", UP_TO_9, UP_TO_9)).containsExactly(1, 2);
        assertThat(config.integers("l", 2, 9, UP_TO_9)).containsExactly(1, 2);
        assertThat(config.integers("i", 2, 9, UP_TO_9)).containsExactly(3, 3);
    }

    @Test
    void nullCountsAsAbsent() throws IOException {
        JsonConfig config = config("{'n': null}");
        assertThat(config.has("n")).isFalse();
        assertThat(config.integer("n", 7, UP_TO_9)).isEqualTo(7);
        assertThat(config.integers("n", 2, 9, UP_TO_9)).containsExactly(9, 9);
        config.requireAbsent("n");
        config.require("n", "silu");
        named(() -> config.integer("n", UP_TO_9), "n is missing", "an integer, 1 to 9");
    }

    @Test
    void anotherTypeIsNamed() throws IOException {
        JsonConfig config = config("{'s': 'x', 'l': [1, 'x'], 'three': [1, 2, 3], 'large': 99999999999}");
        named(() -> config.integer("s", UP_TO_9), "s is \"x\"", "an integer, 1 to 9");
        named(() -> config.number("s", 0, 0, 1), "s is \"x\"", "a number from 0.0 to 1.0");
        named(() -> config.flag("s", true), "s is \"x\"", "true or false");
        named(() -> config.text("l", ""), "l is [1,\"x\"]", "a string");
        named(() -> config.integers("l", UP_TO_9, UP_TO_9), "l is [1,\"x\"]", "a list of 1 to 9 integers, each 1 to 9");
        named(() -> config.integers("three", 4, 1, UP_TO_9), "three is [1,2,3]", "a list of 4 integers, each 1 to 9");
        named(() -> config.integer("large", UP_TO_9), "large is 99999999999", "an integer, 1 to 9");
    }

    @Test
    void valuesOutsideTheirRangeAreNamed() throws IOException {
        JsonConfig config = config("{'zero': 0, 'ten': 10, 'd': 1.5, 'huge': 1e308, 'l': [1, 10], 'long': [%s1]}"
                .formatted("1, ".repeat(99_999)));
        named(() -> config.integer("zero", UP_TO_9), "zero is 0", "an integer, 1 to 9");
        named(() -> config.integer("ten", 1, UP_TO_9), "ten is 10", "an integer, 1 to 9");
        named(() -> config.number("d", 0, 0, 1), "d is 1.5", "a number from 0.0 to 1.0");
        named(() -> config.number("huge", 0, 0, 1), "huge is 1.0E308", "a number from 0.0 to 1.0");
        named(() -> config.integers("l", 2, 1, UP_TO_9), "l is [1,10]", "a list of 2 integers, each 1 to 9");
        named(() -> config.requireDivides("ten", 10, "widths", 20, 25), "ten is 10", "a divisor of 25, of widths");
        assertThatThrownBy(() -> config.integers("long", UP_TO_9, UP_TO_9))
                .message()
                .hasSizeLessThan(1000);
    }

    @Test
    void numberBeyondTheDoublesIsRefused() {
        named(() -> config("{'huge': 1e999}"), "config.json", "the number 1e999 is out of range");
    }

    @Test
    void whatIsNotBuiltIsRefusedByName() throws IOException {
        JsonConfig config =
                config("{'act_fn': 'mish', 'flag': true, 'scale': 2.0, 'types': ['A', 'B'], 'extra': 'text'}");
        named(() -> config.require("act_fn", "silu"), "act_fn is \"mish\"", "only \"silu\" is built");
        named(() -> config.require("flag", false), "flag is true", "only false");
        named(() -> config.require("scale", 1), "scale is 2.0", "only 1 is built");
        named(() -> config.requireAbsent("extra"), "extra is \"text\"");
        named(() -> config.oneOf("act_fn", "silu", "silu", "gelu"), "\"silu\" or \"gelu\"");
        named(() -> config.allOf("types", 2, "A", "C"), "types is \"B\"", "\"A\" or \"C\"");
        named(() -> config.allOf("types", 3, "A", "B"), "a list of 3 strings");
        assertThat(config.allOf("types", 2, "A", "B")).containsExactly("A", "B");
    }

    @Test
    void filesThatAreNoConfig() throws IOException {
        named(() -> config("[]"), "a list", "a JSON object");
        named(() -> config("{"), "not valid JSON");
        named(() -> config("{'a': 1, 'a': 2}"), "not valid JSON", "'a'");
        assertThatThrownBy(() -> JsonConfig.read(folder.resolve("none.json"))).hasMessageContaining("does not exist");
    }

    private JsonConfig config(String json) throws IOException {
        return JsonConfig.read(Files.writeString(folder.resolve("config.json"), json.replace('\'', '"')));
    }

    private void named(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(folder.resolve("config.json").toString())
                .hasMessageContainingAll(words);
    }

    @Test
    void largeFileIsRefusedBeforeItIsRead() throws IOException {
        Path file = folder.resolve("large.json");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3L << 30);
        }
        assertThatThrownBy(() -> Json.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("large.json", "3,221,225,472", "at most");
    }
}
