package io.github.lotus4j.cli.eval;

import java.util.List;

/**
 * One of a benchmark's images.
 *
 * @param files its path in the data set, and those of what belongs to it
 */
public record Sample(List<String> files) {
    /** The image's path. */
    public String image() {
        return files.getFirst();
    }

    /** What its results are called: the path without suffix. */
    public String name() {
        return Naming.withoutSuffix(image());
    }
}
