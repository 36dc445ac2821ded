package io.github.lotus4j.weights;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Reads the tree of one value. As Jackson's object mapper does, but that has to be told by some hundred classes how Java objects
 * become JSON: to load them takes longer than to read a checkpoint's headers. As the safetensors format's own parser does, it refuses
 * numbers beyond the range of a double and halves of surrogate pairs, wherever they are, and takes a minus zero for no integer.
 */
final class JsonTree {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonParser parser;

    private JsonTree(JsonParser parser) {
        this.parser = parser;
    }

    /** The only value there is, or a missing node where there is none; the parser limits its depth. */
    static JsonNode read(JsonParser parser) throws IOException {
        if (parser.nextToken() == null) {
            return MissingNode.getInstance();
        }
        JsonNode value = new JsonTree(parser).value();
        if (parser.nextToken() != null) {
            throw new JsonParseException(parser, "something follows the value: " + parser.currentToken());
        }
        return value;
    }

    private JsonNode value() throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_STRING -> NODES.textNode(text(parser.getText()));
            case VALUE_NUMBER_INT -> integer();
            case VALUE_NUMBER_FLOAT -> NODES.numberNode(floating());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            default -> throw new JsonParseException(parser, "found " + parser.currentToken() + ", expected a value");
        };
    }

    private JsonNode integer() throws IOException {
        return switch (parser.getNumberType()) {
            case INT -> {
                int value = parser.getIntValue();
                yield value == 0 && parser.getText().startsWith("-") ? NODES.numberNode(-0.0) : NODES.numberNode(value);
            }
            case LONG -> NODES.numberNode(parser.getLongValue());
            default -> {
                floating();
                yield NODES.numberNode(parser.getBigIntegerValue());
            }
        };
    }

    private double floating() throws IOException {
        double value = parser.getDoubleValue();
        if (Double.isInfinite(value)) {
            throw new JsonParseException(parser, "the number " + Json.brief(parser.getText()) + " is out of range");
        }
        return value;
    }

    /** JSON can escape half a surrogate pair, which no UTF-8 text can hold. */
    private String text(String string) throws IOException {
        int point;
        for (int i = 0; i < string.length(); i += Character.charCount(point)) { // an encoder takes five times as long
            point = string.codePointAt(i);
            if (Character.MIN_SURROGATE <= point && point <= Character.MAX_SURROGATE) {
                throw new JsonParseException(parser, "an unpaired surrogate in \"" + Json.brief(string) + "\"");
            }
        }
        return string;
    }

    private ObjectNode object() throws IOException {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = text(parser.currentName());
            parser.nextToken();
            object.set(key, value());
        }
        return object;
    }

    private ArrayNode array() throws IOException {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value());
        }
        return array;
    }
}
