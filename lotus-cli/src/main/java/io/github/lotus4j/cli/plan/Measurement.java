package io.github.lotus4j.cli.plan;

/**
 * How long a prediction took.
 *
 * @param size that the image was processed at
 * @param work multiply-adds
 * @param seconds the median of several
 */
public record Measurement(Setting setting, ImageSize size, long work, double seconds) {
    double workOfPass() {
        return (double) work / setting.passes();
    }
}
