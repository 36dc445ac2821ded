package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.DeclaredLayer;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.Parameter;
import java.util.List;

/**
 * A convolution or linear layer (which is a 1×1 convolution) on the device: weights [outputs, kernel, kernel, inputs] in the
 * storage type.
 *
 * <p>Channels of convolutions are padded with zeros to multiples of what fills 16 bytes, as tensor cores want them.
 */
final class CudaLayer extends DeclaredLayer implements CudaWeights.Loadable {
    private final Precision precision;
    private long weight;
    private long bias;

    CudaLayer(List<Parameter> weights, List<Parameter> biases, Window window, Precision precision) {
        super(weights, biases, window);
        this.precision = precision;
    }

    /** Whether it is a matrix product. */
    boolean point() {
        return window().equals(Window.POINT);
    }

    private int padded(int channels) {
        return point() ? channels : Math.ceilDiv(channels, precision.wide()) * precision.wide();
    }

    /** Inputs in memory. */
    int paddedInputs() {
        return padded(inChannels());
    }

    /** Outputs in memory. */
    int paddedOutputs() {
        return padded(outChannels());
    }

    private int taps() {
        return window().kernel() * window().kernel();
    }

    long weight() {
        return CudaWeights.loaded(weight, name());
    }

    /**
     * One value an output in memory, of a convolution in the storage type, of a matrix product a float; 0 where the layer has
     * none.
     */
    long bias() {
        CudaWeights.loaded(weight, name());
        return bias;
    }

    private long weightBytes() {
        return CudaWeights.aligned((long) paddedOutputs() * taps() * paddedInputs() * precision.bytes());
    }

    @Override
    public long bytes() {
        return weightBytes() + (biased() ? CudaWeights.aligned((long) Float.BYTES * paddedOutputs()) : 0);
    }

    @Override
    public void load(long address, WeightLoader loader) {
        long row = (long) taps() * paddedInputs() * precision.bytes();
        long to = address;
        for (Parameter each : weights()) {
            loader.packed(to, each, taps(), paddedInputs(), precision);
            to += row * each.shape()[0];
        }
        loader.zeros(to, address + weightBytes() - to);
        weight = address;
        if (biased()) {
            bias = address + weightBytes();
            float[] all = readBiases(paddedOutputs());
            if (point()) {
                loader.floats(bias, all);
            } else {
                loader.stored(bias, all, precision);
            }
        }
    }
}
