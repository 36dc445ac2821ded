package io.github.lotus4j.benchmarks;

import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.ArrayParameter;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.util.Random;

/** Operators at the shapes at which a prediction at 512×512 spends its time. */
public enum Operator {
    GEMM_UNET_64(Kind.LINEAR, 64, 320, 320),
    GEMM_UNET_32(Kind.LINEAR, 32, 640, 640),
    GEMM_UNET_16(Kind.LINEAR, 16, 1280, 1280),
    CONV_UNET_64(Kind.CONV, 64, 320, 320),
    CONV_UNET_32(Kind.CONV, 32, 640, 640),
    CONV_UNET_16(Kind.CONV, 16, 1280, 1280),
    CONV_VAE_64(Kind.CONV, 64, 512, 512),
    CONV_VAE_128(Kind.CONV, 128, 512, 512),
    CONV_VAE_256(Kind.CONV, 256, 256, 256),
    CONV_VAE_512(Kind.CONV, 512, 128, 128),
    ATTENTION_UNET_64(Kind.ATTENTION, 64, 320, 5),
    ATTENTION_UNET_32(Kind.ATTENTION, 32, 640, 10),
    ATTENTION_VAE_64(Kind.ATTENTION, 64, 512, 1);

    private enum Kind {
        LINEAR,
        CONV,
        ATTENTION
    }

    private final Kind kind;
    private final int side;
    private final int channels;
    private final int second;

    /** @param second output channels, or heads */
    Operator(Kind kind, int side, int channels, int second) {
        this.kind = kind;
        this.side = side;
        this.channels = channels;
        this.second = second;
    }

    /** What the shape is, for a table. */
    String title() {
        String at = side + "², " + channels;
        return switch (kind) {
            case LINEAR -> "matrix product, " + at + " → " + second;
            case CONV -> "convolution 3×3, " + at + " → " + second;
            case ATTENTION -> "self-attention, " + at + ", heads: " + second;
        };
    }

    /** Arguments are made and packed once; running it computes once. */
    Runnable prepare(PreparedWeights weights, Ops ops, Frame frame) {
        Random random = new Random(1);
        Shape shape = new Shape(1, side, side, channels);
        Tensor in = tensor(shape, random, ops, frame);
        if (kind == Kind.ATTENTION) {
            Tensor k = tensor(shape, random, ops, frame);
            Tensor v = tensor(shape, random, ops, frame);
            Tensor out = frame.tensor(shape);
            return () -> ops.attention(out, in, k, v, second, false);
        }
        Tensor out = frame.tensor(shape.withChannels(second));
        Parameter bias = parameter(random, second);
        if (kind == Kind.LINEAR) {
            Linear linear = weights.linear(parameter(random, second, channels), bias);
            weights.load();
            return () -> ops.linear(out, Input.of(in), linear);
        }
        Conv2d conv = weights.conv2d(parameter(random, second, channels, 3, 3), bias, Window.SAME_3X3);
        weights.load();
        return () -> ops.conv2d(out, Input.of(in), conv);
    }

    private static Tensor tensor(Shape shape, Random random, Ops ops, Frame frame) {
        Tensor tensor = frame.tensor(shape);
        ops.upload(tensor, noise(random, (int) shape.elements()));
        return tensor;
    }

    private static Parameter parameter(Random random, int... shape) {
        int elements = 1;
        for (int size : shape) {
            elements *= size;
        }
        return ArrayParameter.of("benchmark", DType.F16, noise(random, elements), shape);
    }

    private static float[] noise(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
