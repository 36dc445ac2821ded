package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Epilogue;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Shape;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A convolution that is no matrix product, by cuDNN: with bias and residual in one call of its older interface or, where that was
 * asked for, in one plan of its graph API.
 */
final class Convolution {
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
            DeviceTensor read = views.read(in, layer.window(), layer.paddedInputs());
            DeviceTensor residual = DeviceTensor.ofNullable(epilogue.residual());
            Shape shape = out.shape().withChannels(layer.paddedOutputs());
            boolean whole = out.dense() && shape.equals(out.shape());
            DeviceTensor added = residual != null && whole && residual.dense() ? residual : null;
            Convolver.Problem problem = new Convolver.Problem(read.shape(), shape, added != null, layer.window());
            FusedPlan plan = plan(problem);
            // one plan cannot read what it writes (cuDNN documentation, graph API: no in-place operations)
            boolean direct = whole && Objects.equals(added, residual) && (plan == null || !out.equals(added));
            DeviceTensor result = direct ? out : ops.memory().tensor(shape, ops.precision());
            DeviceTensor bias = shifted(DeviceTensor.ofNullable(epilogue.shift()));
            if (plan == null) {
                plain(problem, read, bias, added, result);
            } else {
                FusedPlan.Values values = FusedConvolution.values(problem, addresses(read, bias, added, result, 0));
                plan.run(ops, values, result, layer.outChannels(), to -> plain(problem, read, bias, added, to));
            }
            if (!direct) {
                ops.add(out, result, 0, null, added == null ? residual : null);
            }
        }
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
            DeviceTensor bias,
            @Nullable DeviceTensor added,
            DeviceTensor result) {
        try (Frame _ = ops.frame()) {
            long workspace = ops.memory().take(ops.convolver().workspace(problem, ops.lane()));
            if (ops.measures()) {
                return;
            }
            ops.device().use();
            Convolver.Addresses addresses = addresses(read, bias, added, result, workspace);
            if (!ops.convolver().run(problem, ops.lane(), addresses)) {
                ops.add(result, result, 0, bias, result.equals(added) ? null : added);
            }
        }
    }

    private Convolver.Addresses addresses(
            DeviceTensor read, DeviceTensor bias, @Nullable DeviceTensor added, DeviceTensor result, long workspace) {
        return new Convolver.Addresses(
                read.address(),
                ops.measures() ? 0 : layer.weight(),
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
