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
    @TempDir
    Path folder;

    @Test
    void readsByType() throws IOException {
        JsonConfig config = config("{'i': 3, 'd': 0.5, 'f': true, 's': 'x', 'l': [1, 2], 'n': null}");
        assertThat(config.integer("i")).isEqualTo(3);
        assertThat(config.number("d", 0)).isEqualTo(0.5);
        assertThat(config.number("i", 0)).isEqualTo(3);
        assertThat(config.flag("f", false)).isTrue();
        assertThat(config.text("s", "")).isEqualTo("x");
        assertThat(config.integers("l")).containsExactly(1, 2);
        assertThat(config.integers("l", 2, 9)).containsExactly(1, 2);
        assertThat(config.integers("i", 2, 9)).containsExactly(3, 3);
    }

    @Test
    void nullCountsAsAbsent() throws IOException {
        JsonConfig config = config("{'n': null}");
        assertThat(config.has("n")).isFalse();
        assertThat(config.integer("n", 7)).isEqualTo(7);
        assertThat(config.integers("n", 2, 9)).containsExactly(9, 9);
        config.requireAbsent("n");
        config.require("n", "silu");
        named(() -> config.integer("n"), "n is missing", "an integer");
    }

    @Test
    void anotherTypeIsNamed() throws IOException {
        JsonConfig config = config("{'s': 'x', 'l': [1, 'x'], 'three': [1, 2, 3], 'large': 99999999999}");
        named(() -> config.integer("s"), "s is \"x\"", "an integer");
        named(() -> config.number("s", 0), "s is \"x\"", "a number");
        named(() -> config.flag("s", true), "s is \"x\"", "true or false");
        named(() -> config.text("l", ""), "l is [1,\"x\"]", "a string");
        named(() -> config.integers("l"), "l is [1,\"x\"]", "a list of integers");
        named(() -> config.integers("three", 4, 1), "three is [1,2,3]", "4 integers");
        named(() -> config.integer("large"), "large is 99999999999", "an integer");
    }

    @Test
    void whatIsNotBuiltIsRefusedByName() throws IOException {
        JsonConfig config =
                config("{'act_fn': 'mish', 'flag': true, 'scale': 2.0, 'types': ['A', 'B'], 'extra': 'text'}");
        named(() -> config.require("act_fn", "silu"), "act_fn is \"mish\"", "only \"silu\" is built");
        named(() -> config.require("flag", false), "flag is true", "only false");
        named(() -> config.require("scale", 1.0), "scale is 2.0", "only 1.0");
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
