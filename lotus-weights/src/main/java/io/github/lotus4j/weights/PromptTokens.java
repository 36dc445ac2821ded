package io.github.lotus4j.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The two tokens that the empty prompt consists of. */
final class PromptTokens {
    private static final int CLIP_START = 49406;
    private static final int CLIP_END = 49407;

    private static final JsonConfig.Range ANY = new JsonConfig.Range(Integer.MIN_VALUE, Integer.MAX_VALUE);

    private PromptTokens() {}

    /**
     * From the vocabulary; failing that, from the text encoder's config; failing that, CLIP's.
     *
     * @throws CheckpointException if the text encoder has no such tokens
     */
    static int[] of(Path vocabulary, Optional<JsonConfig> textEncoder) {
        int[] tokens = Files.exists(vocabulary)
                ? listed(vocabulary)
                : textEncoder.flatMap(PromptTokens::configured).orElseGet(() -> new int[] {CLIP_START, CLIP_END});
        textEncoder.ifPresent(config -> {
            int size = config.integer("vocab_size", Integer.MAX_VALUE, ANY);
            for (int token : tokens) {
                if (token >= size) {
                    throw new CheckpointException((Files.exists(vocabulary) ? vocabulary : config.file())
                            + ": the empty prompt's token " + token + " is not in the text encoder's vocabulary of "
                            + size + " (vocab_size)");
                }
            }
        });
        return tokens;
    }

    private static int[] listed(Path vocabulary) {
        ObjectNode ids = Json.read(vocabulary);
        return new int[] {id(vocabulary, ids, "<|startoftext|>"), id(vocabulary, ids, "<|endoftext|>")};
    }

    private static int id(Path vocabulary, ObjectNode ids, String token) {
        JsonNode id = ids.path(token);
        if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
            throw new CheckpointException(vocabulary + ": the id of " + token + " is "
                    + (id.isMissingNode() ? "missing" : Json.brief(id)) + ", expected a whole number of at least 0");
        }
        return id.intValue();
    }

    /** Published configs say 0 and 2, which is wrong: CLIP's two are the last of its vocabulary. */
    private static Optional<int[]> configured(JsonConfig config) {
        int size = config.integer("vocab_size", 0, ANY);
        int start = config.integer("bos_token_id", -1, ANY);
        int end = config.integer("eos_token_id", -1, ANY);
        boolean plausible = size >= 2 && start == size - 2 && end == size - 1;
        return plausible ? Optional.of(new int[] {start, end}) : Optional.empty();
    }
}
