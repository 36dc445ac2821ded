package io.github.lotus4j.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Strict JSON: no key twice, nothing after the value, no deep nesting, and what {@link JsonTree} refuses. */
final class Json {
    /** As deep as the safetensors format's own parser goes. */
    private static final int MAX_DEPTH = 127;

    private static final JsonFactory FORMAT = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNameLength(Integer.MAX_VALUE) // the length of a whole header is limited instead
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Bytes of a file: far more than a config, a vocabulary or the index of shards has, and far less than a heap. */
    private static final long LARGEST = 64_000_000;

    private static final int LONGEST_QUOTE = 200;

    private Json() {}

    static JsonNode parse(String text) throws JsonProcessingException {
        try (JsonParser parser = FORMAT.createParser(text)) {
            return JsonTree.read(parser);
        } catch (JsonProcessingException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of a text in memory: never seen
        }
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** The object in a file. */
    static ObjectNode read(Path file) {
        try {
            CheckpointException.requireFile(file, "a JSON file");
            long size = Files.size(file);
            if (size > LARGEST) {
                throw new CheckpointException(
                        "%s has %,d bytes, expected a JSON file of at most %,d".formatted(file, size, LARGEST));
            }
            JsonNode node;
            try (JsonParser parser = FORMAT.createParser(Files.readAllBytes(file))) {
                node = JsonTree.read(parser);
            }
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw new CheckpointException(file + " holds " + kind(node) + ", expected a JSON object");
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file + " is not valid JSON: " + reason(e), e);
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }

    /** What is wrong and where, without the parser's dump of its source. */
    static String reason(JsonProcessingException e) {
        String where = e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
        return e.getOriginalMessage()
                        .replaceAll(" \\((start marker at \\[|`?StreamReadConstraints|\\d+, from `?Stream).*", "")
                + where;
    }

    /** For messages: a value as it is written, or its beginning. */
    static String brief(JsonNode node) {
        return brief(node.toString());
    }

    static String brief(String text) {
        return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…";
    }

    /** A value's type in words, for messages. */
    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case BOOLEAN -> "a boolean";
            case MISSING -> "nothing";
            case NULL -> "null";
            case NUMBER -> "a number";
            case OBJECT -> "an object";
            case STRING -> "a string";
            case BINARY, POJO -> "something else";
        };
    }
}
