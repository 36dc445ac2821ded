package io.github.lotus4j.benchmarks;

import io.github.lotus4j.weights.ArrayParameter;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A product of 1024×1024×1024, and operators at the shapes at which a prediction at 512×512 spends its time. */
public enum Operator {
    PRODUCT_1024(Kind.LINEAR, 32, 1024, 1024),
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

    enum Kind {
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

    Kind kind() {
        return kind;
    }

    /** Height and width, in pixels. */
    int side() {
        return side;
    }

    /** What goes in. */
    int channels() {
        return channels;
    }

    /** What comes out. */
    int outChannels() {
        return kind == Kind.ATTENTION ? channels : second;
    }

    /** Of attention. */
    int heads() {
        return second;
    }

    /**
     * Random, the same each time.
     *
     * @param inputs {@code [side, side, channels]}: one tensor, or queries, keys and values
     * @param weights weight and bias, channels first as a checkpoint has them; none of attention
     */
    record Arguments(List<float[]> inputs, List<Parameter> weights) {}

    Arguments arguments() {
        Random random = new Random(1);
        List<float[]> inputs = new ArrayList<>();
        for (int i = 0; i < (kind == Kind.ATTENTION ? 3 : 1); i++) {
            inputs.add(noise(random, side * side * channels));
        }
        return new Arguments(
                inputs,
                switch (kind) {
                    case LINEAR -> List.of(parameter(random, second, channels), parameter(random, second));
                    case CONV -> List.of(parameter(random, second, channels, 3, 3), parameter(random, second));
                    case ATTENTION -> List.of();
                });
    }

    static Parameter parameter(Random random, int... shape) {
        int elements = 1;
        for (int size : shape) {
            elements *= size;
        }
        return ArrayParameter.of("benchmark", DType.F16, noise(random, elements), shape);
    }

    static float[] noise(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
