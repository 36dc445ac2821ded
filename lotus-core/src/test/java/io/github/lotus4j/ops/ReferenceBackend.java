package io.github.lotus4j.ops;

import io.github.lotus4j.weights.Parameter;
import java.util.List;

/** The operators as a textbook writes them, in doubles, one thread, nothing fused: what fast backends are held to. */
public final class ReferenceBackend implements Backend {
    /** Doubles, channels last; {@code stride} apart from pixel to pixel. */
    record Values(double[] data, int offset, Shape shape, int stride) implements Tensor {
        static Values of(Shape shape) {
            return new Values(new double[Math.toIntExact(shape.elements())], 0, shape, shape.c());
        }

        @Override
        public Tensor channels(int from, int count) {
            return new Values(data, offset + from, shape.withChannels(count), stride);
        }

        double get(int pixel, int c) {
            return data[offset + pixel * stride + c];
        }

        void set(int pixel, int c, double value) {
            data[offset + pixel * stride + c] = value;
        }
    }

    /** Weights {@code [outputs, inputs, kernel, kernel]}, row-major. */
    record Layer(String name, int inputs, int outputs, Window window, double[] weight, double[] bias)
            implements Conv2d, Linear {
        @Override
        public int inChannels() {
            return inputs;
        }

        @Override
        public int outChannels() {
            return outputs;
        }

        @Override
        public int inFeatures() {
            return inputs;
        }

        @Override
        public int outFeatures() {
            return outputs;
        }
    }

    /** Group norm, or with no groups, layer norm. */
    record Normalization(String name, int channels, int groups, double eps, double[] weight, double[] bias)
            implements Norm {}

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        return "textbook loops in doubles";
    }

    @Override
    public Ops open(RunListener listener) {
        return new ReferenceOps(listener);
    }

    @Override
    public Ops open(RunListener listener, long bytes) {
        return open(listener);
    }

    @Override
    public Ops measure() {
        throw new UnsupportedOperationException("the reference does not plan");
    }

    @Override
    public long availableBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean onHeap() {
        return true;
    }

    @Override
    public void close() {}

    @Override
    public Accuracy accuracy() {
        return Accuracy.EXACT;
    }

    @Override
    public PreparedWeights prepare(Reuse reuse) {
        return new PreparedWeights() {
            @Override
            public Conv2d conv2d(Parameter weight, Parameter bias, Window window) {
                return layer(List.of(weight), List.of(bias), window);
            }

            @Override
            public Linear linear(List<Parameter> weights, List<Parameter> biases) {
                return layer(weights, biases, Window.POINT);
            }

            @Override
            public Linear geglu(Parameter weight, Parameter bias) {
                return layer(List.of(weight), List.of(bias), Window.POINT);
            }

            @Override
            public Norm groupNorm(Parameter weight, Parameter bias, int groups, double eps) {
                return new Normalization(weight.name(), weight.shape()[0], groups, eps, values(weight), values(bias));
            }

            @Override
            public Norm layerNorm(Parameter weight, Parameter bias, double eps) {
                return groupNorm(weight, bias, 0, eps);
            }

            @Override
            public void load() {}

            @Override
            public Tensor constant(Shape shape, float[] values) {
                Values constant = Values.of(shape);
                for (int i = 0; i < values.length; i++) {
                    constant.data[i] = values[i];
                }
                return constant;
            }

            @Override
            public long bytes() {
                return 0;
            }

            @Override
            public void close() {}
        };
    }

    /** Several weights on one input: outputs side by side. A missing tensor is declared like any other and never computed. */
    private static Layer layer(List<Parameter> weights, List<Parameter> biases, Window window) {
        int inputs = weights.getFirst().shape()[1];
        int outputs = weights.stream().mapToInt(each -> each.shape()[0]).sum();
        double[] weight = concatenated(weights, outputs * inputs * window.kernel() * window.kernel());
        double[] bias = biases.isEmpty() ? new double[outputs] : concatenated(biases, outputs);
        return new Layer(weights.getFirst().name(), inputs, outputs, window, weight, bias);
    }

    private static double[] concatenated(List<Parameter> parameters, int length) {
        double[] all = new double[length];
        int at = 0;
        for (Parameter each : parameters) {
            double[] values = values(each);
            System.arraycopy(values, 0, all, at, values.length);
            at += values.length;
        }
        return all;
    }

    private static double[] values(Parameter parameter) {
        float[] floats = parameter.toFloats();
        double[] values = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }
}
