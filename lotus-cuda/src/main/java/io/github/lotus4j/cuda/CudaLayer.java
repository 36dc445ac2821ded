package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.Parameter;
import java.util.List;

/**
 * A convolution or linear layer (which is a 1×1 convolution) on the device: weights [outputs, kernel, kernel, inputs] in the
 * storage type.
 *
 * <p>Channels of convolutions are padded with zeros to multiples of what fills 16 bytes, as tensor cores want them.
 */
final class CudaLayer implements Conv2d, Linear, CudaWeights.Loadable {
    private final List<Parameter> weights;
    private final List<Parameter> biases;
    private final Window window;
    private final Precision precision;
    private long weight;
    private long bias;

    CudaLayer(List<Parameter> weights, List<Parameter> biases, Window window, Precision precision) {
        this.weights = weights;
        this.biases = biases;
        this.window = window;
        this.precision = precision;
    }

    @Override
    public String name() {
        return weights.getFirst().name();
    }

    @Override
    public int inChannels() {
        return weights.getFirst().shape()[1];
    }

    @Override
    public int outChannels() {
        return weights.stream().mapToInt(each -> each.shape()[0]).sum();
    }

    @Override
    public int inFeatures() {
        return inChannels();
    }

    @Override
    public int outFeatures() {
        return outChannels();
    }

    @Override
    public Window window() {
        return window;
    }

    /** Whether it is a matrix product. */
    boolean point() {
        return window.equals(Window.POINT);
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
        return window.kernel() * window.kernel();
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
        return weightBytes() + (biases.isEmpty() ? 0 : CudaWeights.aligned((long) Float.BYTES * paddedOutputs()));
    }

    @Override
    public void load(long address, WeightLoader loader) {
        long row = (long) taps() * paddedInputs() * precision.bytes();
        long to = address;
        for (Parameter each : weights) {
            loader.packed(to, each, taps(), paddedInputs(), precision);
            to += row * each.shape()[0];
        }
        loader.zeros(to, address + weightBytes() - to);
        weight = address;
        if (!biases.isEmpty()) {
            bias = address + weightBytes();
            float[] all = new float[paddedOutputs()];
            int at = 0;
            for (Parameter each : biases) {
                float[] values = each.toFloats();
                System.arraycopy(values, 0, all, at, values.length);
                at += values.length;
            }
            if (point()) {
                loader.floats(bias, all);
            } else {
                loader.stored(bias, all, precision);
            }
        }
    }
}
