package io.github.lotus4j;

/**
 * What a prediction will take, known before it starts: see {@link Lotus#plan}.
 *
 * @param processingWidth that the image is brought to, in pixels
 * @param processingHeight that the image is brought to, in pixels
 * @param bytes at its peak, on top of the weights
 * @param work multiply-adds of convolutions, linear layers and attention, counted directly, whatever the algorithm; those of
 *     attention grow with the square of the pixels, all others with the pixels
 */
public record PredictionPlan(int processingWidth, int processingHeight, long bytes, long work) {}
