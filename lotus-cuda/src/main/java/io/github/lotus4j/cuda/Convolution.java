package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A convolution that is no matrix product, by cuDNN: with bias and residual in one call of its older interface or, where that was
 * asked for, in one plan of its graph API. One of an image that is seen at twice its size is computed from the image itself.
 */
final class Convolution {
    /** Of the four convolutions that one of a doubled image comes to. */
    private static final Window DOUBLED = Window.padded(2, 1, 1);

    private final CudaOps ops;
    private final ViewWriter views;
    private final CudaLayer layer;

    Convolution(CudaOps ops, ViewWriter views, CudaLayer layer) {
        this.ops = ops;
        this.views = views;
        this.layer = layer;
    }

    void run(DeviceTensor out, Input in, Epilogue epilogue) {
        try (Frame _ = ops.frame()) {
            DeviceTensor bias = shifted(DeviceTensor.ofNullable(epilogue.shift()));
            DeviceTensor residual = DeviceTensor.ofNullable(epilogue.residual());
            if (in.doubled() && layer.window().equals(Window.SAME_3X3)) {
                Shape source = in.first().shape();
                doubled(out, in.resized(source.h(), source.w()), bias, residual);
            } else {
                asSeen(out, in, bias, residual);
            }
        }
    }

    private void asSeen(DeviceTensor out, Input in, DeviceTensor bias, @Nullable DeviceTensor residual) {
        DeviceTensor read = views.read(in, layer.window(), layer.paddedInputs());
        Shape shape = out.shape().withChannels(layer.paddedOutputs());
        boolean whole = out.dense() && shape.equals(out.shape());
        DeviceTensor added = residual != null && whole && residual.dense() ? residual : null;
        Convolver.Problem problem = new Convolver.Problem(read.shape(), shape, added != null, layer.window());
        FusedPlan plan = plan(problem);
        // one plan cannot read what it writes (cuDNN documentation, graph API: no in-place operations)
        boolean direct = whole && Objects.equals(added, residual) && (plan == null || !out.equals(added));
        DeviceTensor result = direct ? out : ops.memory().tensor(shape, ops.precision());
        long filter = ops.measures() ? 0 : layer.weight();
        if (plan == null) {
            plain(problem, read, filter, bias, added, result);
        } else {
            FusedPlan.Values values = FusedConvolution.values(problem, addresses(read, filter, bias, added, result, 0));
            plan.run(ops, values, result, layer.outChannels(), to -> plain(problem, read, filter, bias, added, to));
        }
        if (!direct) {
            ops.add(out, result, 0, null, added == null ? residual : null);
        }
    }

    /** As doubled.cuh says. The weights are added anew each time: a layer does not know beforehand how its input will be seen. */
    private void doubled(DeviceTensor out, Input source, DeviceTensor bias, @Nullable DeviceTensor residual) {
        DeviceTensor read = views.read(source, DOUBLED, layer.paddedInputs());
        Shape image = read.shape();
        int outputs = layer.paddedOutputs();
        int inputs = layer.paddedInputs();
        DeviceTensor filter = ops.memory().tensor(new Shape(4 * outputs, 2, 2, inputs), ops.precision());
        DeviceTensor biases = ops.memory().tensor(Shape.vector(4 * outputs), ops.precision());
        Arguments weights = new Arguments()
                .address(ops.measures() ? 0 : layer.weight())
                .address(bias.address())
                .address(filter.address())
                .address(biases.address())
                .number(outputs)
                .number(inputs);
        long packs = (long) outputs * inputs / ops.precision().wide();
        ops.launch("double_weights", Launch.over(packs), weights);
        Shape shape = image.withSize(image.h() + 1, image.w() + 1).withChannels(4 * outputs);
        DeviceTensor result = ops.memory().tensor(shape, ops.precision());
        plain(new Convolver.Problem(image, shape, false, DOUBLED), read, filter.address(), biases, null, result);
        boolean wide = out.wide() && (residual == null || residual.wide());
        Arguments interleaved = new Arguments()
                .address(result.address())
                .address(residual == null ? 0 : residual.address())
                .address(out.address())
                .number((long) out.shape().pixels())
                .number(image.h())
                .number(image.w())
                .number(outputs)
                .number(residual == null ? 0 : residual.stride())
                .number(out.stride())
                .number(out.shape().c())
                .flag(wide);
        ops.launch("interleave", ops.over(out, wide), interleaved);
    }

    /** None where the plain way is to be taken. */
    private @Nullable FusedPlan plan(Convolver.Problem problem) {
        FusedConvolution fused = ops.fusedConvolution();
        FusedPlan plan = fused == null ? null : fused.plans().plan(problem);
        return plan == null || plan.refused() ? null : plan;
    }

    private void plain(
            Convolver.Problem problem,
            DeviceTensor read,
            long filter,
            DeviceTensor bias,
            @Nullable DeviceTensor added,
            DeviceTensor result) {
        try (Frame _ = ops.frame()) {
            long workspace = ops.memory().take(ops.convolver().workspace(problem, ops.lane()));
            if (ops.measures()) {
                return;
            }
            ops.device().use();
            Convolver.Addresses addresses = addresses(read, filter, bias, added, result, workspace);
            if (!ops.convolver().run(problem, ops.lane(), addresses)) {
                ops.add(result, result, 0, bias, result.equals(added) ? null : added);
            }
        }
    }

    private static Convolver.Addresses addresses(
            DeviceTensor read,
            long filter,
            DeviceTensor bias,
            @Nullable DeviceTensor added,
            DeviceTensor result,
            long workspace) {
        return new Convolver.Addresses(
                read.address(),
                filter,
                bias.address(),
                added == null ? 0 : added.address(),
                result.address(),
                workspace);
    }

    /** The bias, with a shift where there is one. */
    private DeviceTensor shifted(@Nullable DeviceTensor shift) {
        Shape shape = Shape.vector(layer.paddedOutputs());
        DeviceTensor bias = new DeviceTensor(ops.measures() ? 0 : layer.bias(), ops.precision(), shape, shape.c());
        if (shift == null) {
            return bias;
        }
        DeviceTensor sum = ops.memory().tensor(shape, ops.precision());
        // what lies beyond the outputs is not read
        ops.add(DeviceTensor.of(sum.channels(0, shift.shape().c())), bias, 0, null, shift);
        return sum;
    }
}
