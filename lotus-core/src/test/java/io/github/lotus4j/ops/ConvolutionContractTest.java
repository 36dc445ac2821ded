package io.github.lotus4j.ops;

import io.github.lotus4j.weights.Parameter;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The part of {@link OpsContractTest} on convolutions, of which a backend may have several kinds. */
public abstract class ConvolutionContractTest extends SideBySide {
    private static final Window[] WINDOWS = {
        Window.SAME_3X3,
        Window.POINT,
        Window.padded(3, 2, 1),
        new Window(3, 2, 0, 0, 1, 1),
        Window.padded(3, 1, 0),
        new Window(3, 1, 2, 0, 0, 2)
    };

    static IntStream seeds() {
        return IntStream.range(0, 80);
    }

    static IntStream fewSeeds() {
        return IntStream.range(0, 20);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void conv2d(int seed) {
        random = new Random(seed);
        Window window = WINDOWS[random.nextInt(WINDOWS.length)];
        Seen in = input(shape());
        while (window.outHeight(in.shape().h()) < 1
                || window.outWidth(in.shape().w()) < 1
                || in.shape().h() < 2
                || in.shape().w() < 2) {
            in = input(shape());
        }
        Seen seen = in;
        int outputs = pick(CHANNELS);
        Parameter weight = weight("conv.weight", outputs, in.shape().c(), window.kernel(), window.kernel());
        Parameter bias = vector("conv.bias", outputs, 0);
        Shape result = new Shape(
                in.shape().n(),
                window.outHeight(in.shape().h()),
                window.outWidth(in.shape().w()),
                outputs);
        int epilogue = random.nextInt(5);
        float[] shift = noise(outputs, 1, 0);
        float[] residual = noise(result.elements(), 1, 0);
        check(in.shape().c() * window.kernel() * window.kernel(), in.amplification() * roughness(window), side -> {
            Conv2d conv = side.weights.conv2d(weight, bias, window);
            side.weights.load();
            Input view = seen.view().on(side);
            return written(
                    side, result, epilogue, shift, residual, (out, end) -> side.ops.conv2d(out, view, conv, end));
        });
    }

    private double roughness(Window window) {
        return sides().getFirst().backend.accuracy() == Accuracy.FAST && window.equals(Window.SAME_3X3)
                ? roughness()
                : 1;
    }

    /** How many times larger than a direct sum's rounding errors those of a fast 3×3 convolution may be. */
    protected double roughness() {
        return 10;
    }

    @ParameterizedTest
    @MethodSource("fewSeeds")
    void conv2dOfDoubledImage(int seed) {
        random = new Random(seed);
        Shape shape = shape();
        Shape doubled = shape.withSize(2 * shape.h(), 2 * shape.w());
        float[] image = noise(shape.elements(), 1, 0);
        int outputs = pick(CHANNELS);
        Parameter weight = weight("conv.weight", outputs, shape.c(), 3, 3);
        Parameter bias = vector("conv.bias", outputs, 0);
        Shape result = doubled.withChannels(outputs);
        int epilogue = random.nextInt(5);
        float[] shift = noise(outputs, 1, 0);
        float[] residual = noise(result.elements(), 1, 0);
        check(9 * shape.c(), roughness(Window.SAME_3X3), side -> {
            Conv2d conv = side.weights.conv2d(weight, bias, Window.SAME_3X3);
            side.weights.load();
            Input view = Input.of(side.tensor(shape, image)).resized(doubled.h(), doubled.w());
            return written(
                    side, result, epilogue, shift, residual, (out, end) -> side.ops.conv2d(out, view, conv, end));
        });
    }

    /** What is read has the size of its source again, and yet is not its source. */
    @Test
    void conv2dOfShrunkAndPaddedImage() {
        random = new Random(1);
        Shape shape = new Shape(1, 4, 4, 8);
        Window window = new Window(3, 2, 0, 0, 1, 1);
        float[] image = noise(shape.elements(), 1, 0);
        Parameter weight = weight("conv.weight", 8, 8, 3, 3);
        Parameter bias = vector("conv.bias", 8, 0);
        check(72, side -> {
            Conv2d conv = side.weights.conv2d(weight, bias, window);
            side.weights.load();
            Shape result = new Shape(1, window.outHeight(3), window.outWidth(3), 8);
            Tensor out = side.tensor(result, nan(result));
            side.ops.conv2d(out, Input.of(side.tensor(shape, image)).resized(3, 3), conv);
            return out;
        });
    }

    @ParameterizedTest
    @MethodSource("fewSeeds")
    void conv2dOfManyChannels(int seed) {
        random = new Random(seed);
        Shape shape = new Shape(1, pick(SIDES), 6, 257 + random.nextInt(300));
        float[] image = noise(shape.elements(), 1, 0);
        int outputs = 1 + random.nextInt(300);
        Parameter weight = weight("conv.weight", outputs, shape.c(), 3, 3);
        Parameter bias = vector("conv.bias", outputs, 0);
        Parameter scale = vector("norm.weight", shape.c(), 1);
        Parameter shift = vector("norm.bias", shape.c(), 0);
        check(9 * shape.c(), roughness(Window.SAME_3X3), side -> {
            Conv2d conv = side.weights.conv2d(weight, bias, Window.SAME_3X3);
            Norm norm = seed % 2 == 0
                    ? side.weights.layerNorm(scale, shift, 1e-5)
                    : side.weights.groupNorm(scale, shift, 1, 1e-5);
            side.weights.load();
            Tensor out = side.tensor(shape.withChannels(outputs), nan(shape.withChannels(outputs)));
            side.ops.conv2d(out, norm.silu(Input.of(side.tensor(shape, image))), conv);
            return out;
        });
    }
}
