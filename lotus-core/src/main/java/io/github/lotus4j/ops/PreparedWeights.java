package io.github.lotus4j.ops;

import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.Parameter;
import java.util.List;
import java.util.function.Supplier;

/**
 * The prepare phase: weights go in, opaque handles come out. Handles are declared first, so that a checkpoint can be checked
 * as a whole; {@link #load()} then reads and packs everything declared since the last call.
 *
 * <p>Closing frees the weights and constants; handles are unusable then. Not thread-safe.
 */
public interface PreparedWeights extends AutoCloseable {
    /**
     * @param weight {@code [outChannels, inChannels, kernel, kernel]}
     * @param bias {@code [outChannels]}
     */
    Conv2d conv2d(Parameter weight, Parameter bias, Window window);

    /**
     * A linear layer, or several on one input: their outputs lie side by side.
     *
     * @param weights each {@code [outFeatures_i, inFeatures]}
     * @param biases each {@code [outFeatures_i]}; none, or one for each weight
     */
    Linear linear(List<Parameter> weights, List<Parameter> biases);

    /** A linear layer with bias. */
    default Linear linear(Parameter weight, Parameter bias) {
        return linear(List.of(weight), List.of(bias));
    }

    /**
     * The projection in front of a GEGLU: of its outputs, the first half are values, the second half gates.
     *
     * @param weight {@code [2 · features, inFeatures]}
     */
    Linear geglu(Parameter weight, Parameter bias);

    /**
     * Each pixel's channels, less the mean of their group over the whole image and divided by its deviation, times weight, plus
     * bias. Wu and He 2018.
     *
     * @param weight {@code [channels]}
     * @param bias {@code [channels]}
     * @param groups of neighbouring channels, as many in each
     * @param eps added to the variance
     * @throws IllegalArgumentException if there is no group
     */
    Norm groupNorm(Parameter weight, Parameter bias, int groups, double eps);

    /**
     * Each pixel's channels, less their mean and divided by their deviation, times weight, plus bias. Ba et al. 2016.
     *
     * @param weight {@code [channels]}
     * @param bias {@code [channels]}
     * @param eps added to the variance
     */
    Norm layerNorm(Parameter weight, Parameter bias, double eps);

    /**
     * Values that follow from the checkpoint's files alone, and that a backend may keep between processes.
     *
     * @param name with everything in it, files apart, that the values depend on
     * @param computation of {@code count} values
     * @return gives them, once what was declared is loaded
     */
    default Supplier<float[]> derived(String name, int count, Supplier<float[]> computation) {
        return computation;
    }

    /** Reads and packs what was declared. */
    void load();

    /**
     * {@link #load()} of what was declared from {@code checkpoint} alone, so that a backend may keep it between processes. What
     * computes derived values must be loaded before.
     */
    default void load(Checkpoint checkpoint) {
        load();
    }

    /** A tensor that lives as long as these weights, with the given values, channels last. */
    Tensor constant(Shape shape, float[] values);

    /**
     * A handle, as one of a backend's own.
     *
     * @throws IllegalArgumentException if it is another's
     */
    static <T> T own(Object handle, Class<T> type) {
        if (type.isInstance(handle)) {
            return type.cast(handle);
        }
        throw new IllegalArgumentException(
                "a handle of another backend: " + handle.getClass().getName());
    }

    /** Checks what {@link #groupNorm} is given. */
    static void requireGroups(Parameter weight, int groups) {
        if (groups < 1) {
            throw new IllegalArgumentException(weight.name() + ": found " + groups + " groups, expected at least 1");
        }
    }

    /** Checks what {@link #constant} is given. */
    static void requireFitting(Shape shape, float[] values) {
        if (values.length != shape.elements()) {
            throw new IllegalArgumentException("constant: found " + values.length + " values for a shape " + shape);
        }
    }

    /** Bytes held. */
    long bytes();

    @Override
    void close();
}
