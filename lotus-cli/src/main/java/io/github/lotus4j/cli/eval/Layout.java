package io.github.lotus4j.cli.eval;

import io.github.lotus4j.RgbImage;
import java.util.List;

/** How a benchmark's files are named and read. */
interface Layout {
    /** How many files belong to an image, itself first, in the order of the benchmark's list. */
    int columns();

    /** The image that predictions are made of. */
    RgbImage image(DataSource data, List<String> files);

    /**
     * What is known of it.
     *
     * @param image as {@link #image} has it
     * @throws io.github.lotus4j.error.LotusException if a file cannot be read, or is of another size
     */
    Truth truth(DataSource data, List<String> files, RgbImage image);

    /** An image and what lies beside it where there is no list. */
    List<String> together(String image);

    /** Names under which others leave predictions of an image, without suffix, below their folder. */
    List<String> predictions(String image);
}
