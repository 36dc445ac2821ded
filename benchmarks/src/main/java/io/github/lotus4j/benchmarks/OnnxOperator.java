package io.github.lotus4j.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.lotus4j.weights.Parameter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * ONNX Runtime's, in graphs such as exporters write them: channels first for a convolution; attention from whole rows, as softmax
 * between two matrix products.
 */
final class OnnxOperator implements PreparedOperator {
    private static final String OUT = "out";

    private final Operator operator;
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final FloatBuffer output;
    private final Map<String, OnnxTensor> outputs;

    OnnxOperator(Operator operator, int threads) {
        this.operator = operator;
        Operator.Arguments arguments = operator.arguments();
        int pixels = operator.side() * operator.side();
        long[] in = shape(operator, operator.channels());
        long[] out = shape(operator, operator.outChannels());
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session = environment.createSession(graph(operator, arguments.weights(), in, out), options);
            for (int i = 0; i < arguments.inputs().size(); i++) {
                float[] values = arguments.inputs().get(i);
                FloatBuffer buffer = buffer(values.length);
                buffer.put(0, isConv() ? transposed(values, pixels, operator.channels()) : values);
                inputs.put(name(i), OnnxTensor.createTensor(environment, buffer, in));
            }
            output = buffer(pixels * operator.outChannels());
            outputs = Map.of(OUT, OnnxTensor.createTensor(environment, output, out));
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean isConv() {
        return operator.kind() == Operator.Kind.CONV;
    }

    private static String name(int input) {
        return "in" + input;
    }

    private static FloatBuffer buffer(int values) {
        return ByteBuffer.allocateDirect(Float.BYTES * values)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static long[] shape(Operator operator, int channels) {
        long side = operator.side();
        return switch (operator.kind()) {
            case LINEAR -> new long[] {side * side, channels};
            case CONV -> new long[] {1, channels, side, side};
            case ATTENTION -> new long[] {1, side * side, channels};
        };
    }

    private static byte[] graph(Operator operator, List<Parameter> weights, long[] in, long[] out) {
        OnnxGraph graph = new OnnxGraph();
        if (operator.kind() == Operator.Kind.ATTENTION) {
            for (int i = 0; i < 3; i++) {
                graph.input(name(i), in);
            }
            return attention(graph, operator, in).toBytes(OUT, out);
        }
        graph.input(name(0), in);
        Parameter weight = weights.getFirst();
        Parameter bias = weights.getLast();
        graph.constant("weight", weight.toFloats(), shape(weight)).constant("bias", bias.toFloats(), shape(bias));
        List<String> operands = List.of(name(0), "weight", "bias");
        if (operator.kind() == Operator.Kind.LINEAR) {
            graph.node("Gemm", operands, OUT, Map.of("transB", new long[] {1}));
        } else {
            graph.node("Conv", operands, OUT, Map.of("pads", new long[] {1, 1, 1, 1}));
        }
        return graph.toBytes(OUT, out);
    }

    private static OnnxGraph attention(OnnxGraph graph, Operator operator, long[] rows) {
        long heads = operator.heads();
        long width = operator.channels() / heads;
        return graph.constant("heads", new long[] {1, rows[1], heads, width})
                .constant("rows", rows)
                .constant("scale", new float[] {(float) (1 / Math.sqrt((double) width))}, new long[] {1})
                .node("Mul", List.of(name(0), "scale"), "scaled")
                .node("Reshape", List.of("scaled", "heads"), "q")
                .node("Reshape", List.of(name(1), "heads"), "k")
                .node("Reshape", List.of(name(2), "heads"), "v")
                .node("Transpose", List.of("q"), "queries", Map.of("perm", new long[] {0, 2, 1, 3}))
                .node("Transpose", List.of("k"), "keys", Map.of("perm", new long[] {0, 2, 3, 1}))
                .node("Transpose", List.of("v"), "values", Map.of("perm", new long[] {0, 2, 1, 3}))
                .node("MatMul", List.of("queries", "keys"), "scores")
                .node("Softmax", List.of("scores"), "shares", Map.of("axis", new long[] {-1}))
                .node("MatMul", List.of("shares", "values"), "sums")
                .node("Transpose", List.of("sums"), "joined", Map.of("perm", new long[] {0, 2, 1, 3}))
                .node("Reshape", List.of("joined", "rows"), OUT);
    }

    private static long[] shape(Parameter parameter) {
        long[] shape = new long[parameter.shape().length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = parameter.shape()[i];
        }
        return shape;
    }

    private static float[] transposed(float[] values, int rows, int columns) {
        float[] turned = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
        return turned;
    }

    @Override
    public void run() {
        try {
            session.run(inputs, outputs).close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] output() {
        float[] values = new float[output.capacity()];
        output.get(0, values);
        return isConv() ? transposed(values, operator.outChannels(), operator.side() * operator.side()) : values;
    }

    @Override
    public void close() {
        try {
            inputs.values().forEach(OnnxTensor::close);
            outputs.values().forEach(OnnxTensor::close);
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
