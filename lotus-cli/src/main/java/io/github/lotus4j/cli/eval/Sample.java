package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.util.Arrays;
import java.util.List;

/**
 * One of a benchmark's images.
 *
 * @param files its path in the data set, and those of what belongs to it
 */
public record Sample(List<String> files) {
    /** @throws LotusException if a path leads out of the data set's folder: results are written under these names, too */
    public Sample {
        for (String file : files) {
            boolean leadsOut = Arrays.asList(file.split("/", -1)).contains("..");
            if (leadsOut || file.startsWith("/") || file.indexOf('\\') >= 0 || file.indexOf('\0') >= 0) {
                throw new LotusException("found " + file + ", expected a path below the data set's folder");
            }
        }
    }

    /** The image's path. */
    public String image() {
        return files.getFirst();
    }

    /** What its results are called: the path without suffix. */
    public String name() {
        return Naming.withoutSuffix(image());
    }
}
