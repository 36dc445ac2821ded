package io.github.lotus4j.spark;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.LotusBuilder;
import io.github.lotus4j.error.LotusException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What executors load.
 *
 * @param depth where the weights are, as {@link Weights} has it; null for no depth
 * @param normal likewise
 * @param backend as {@link LotusBuilder#backend} has it
 * @param packedWeightsCache a folder on the executor's machine; null for none
 */
record ModelSettings(
        @Nullable String depth,
        @Nullable String normal,
        String backend,
        boolean exact,
        @Nullable String packedWeightsCache)
        implements Serializable {

    /** On the executor: says what is not there, if anything. */
    Optional<String> missing() {
        try {
            Stream.of(depth, normal)
                    .filter(each -> each != null && !Weights.isNano(each))
                    .forEach(Weights::locate);
            return Optional.empty();
        } catch (LotusException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** On the executor. */
    Lotus load(Placement placement) {
        LotusBuilder builder = Lotus.builder()
                .backend(placement.backend())
                .threads(placement.threads())
                .exact(exact);
        if (depth != null) {
            if (Weights.isNano(depth)) {
                builder.nanoDepth();
            } else {
                builder.depth(Weights.locate(depth));
            }
        }
        if (normal != null) {
            if (Weights.isNano(normal)) {
                builder.nanoNormal();
            } else {
                builder.normal(Weights.locate(normal));
            }
        }
        if (packedWeightsCache != null) {
            builder.packedWeightsCache(Path.of(packedWeightsCache));
        }
        return builder.build();
    }
}
