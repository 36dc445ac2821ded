package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.weights.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer that is used once and for a few rows, such as the text encoder's: every weight is read from where it lies, and
 * nothing is packed. In plain loops: what runs this briefly is over before vector code is compiled.
 */
final class UnpackedProduct implements Operator {
    private static final Kernels PLAIN = new ScalarKernels();
    private static final int OUTPUTS_IN_ITEM = 128;
    /** Weights that are widened at a time. */
    private static final int WEIGHTS = 1 << 17;

    private final Workspace workspace;
    private final HostTensor out;
    private final CpuLayer layer;
    private final float[] bias;
    private final @Nullable HostTensor shift;
    private final @Nullable HostTensor residual;
    private final HostTensor source;
    private final Writing writing; // of the input, to the source
    private final HostTensor rows;
    private final int depth;
    private final int rowsAtOnce;

    /** Temporary memory comes from the caller's frame. */
    UnpackedProduct(
            Workspace workspace,
            HostTensor out,
            Input in,
            CpuLayer layer,
            @Nullable HostTensor shift,
            @Nullable HostTensor residual) {
        this.workspace = workspace;
        this.out = out;
        this.shift = shift;
        this.residual = residual;
        this.layer = layer;
        bias = layer.bias();
        depth = layer.inFeatures();
        rowsAtOnce = Math.clamp(WEIGHTS / depth, 1, OUTPUTS_IN_ITEM);
        source = workspace.memory().tensor(in.shape());
        writing = new Writing(workspace, source, in, PLAIN);
        rows = workspace.memory().tensor(new Shape(1, 1, workspace.threads(), rowsAtOnce * depth));
    }

    @Override
    public void run() {
        writing.run();
        int first = 0;
        for (Parameter weight : layer.weights()) {
            int from = first;
            int outputs = weight.shape()[0];
            workspace.parallel(Math.ceilDiv(outputs, OUTPUTS_IN_ITEM), (item, worker) -> {
                int end = Math.min(outputs, (item + 1) * OUTPUTS_IN_ITEM);
                for (int output = item * OUTPUTS_IN_ITEM; output < end; output += rowsAtOnce) {
                    int count = Math.min(rowsAtOnce, end - output);
                    weight.toFloats((long) output * depth, rows.data(), rows.at(worker), count * depth);
                    multiply(from + output, count, rows.at(worker));
                }
            });
            first += outputs;
        }
    }

    private void multiply(int firstOutput, int count, int rowsAt) {
        for (int i = 0; i < count; i++) {
            int output = firstOutput + i;
            for (int pixel = 0; pixel < source.shape().pixels(); pixel++) {
                float sum = dot(source.data(), source.at(pixel), rows.data(), rowsAt + i * depth, depth) + bias[output];
                sum += shift == null ? 0 : shift.data()[shift.offset() + output];
                sum += residual == null ? 0 : residual.data()[residual.at(pixel) + output];
                out.data()[out.at(pixel) + output] = sum;
            }
        }
    }

    /** In eight sums that do not wait for each other. */
    private static float dot(float[] a, int aAt, float[] b, int bAt, int count) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = 0;
        for (; i + 8 <= count; i += 8) {
            int x = aAt + i;
            int y = bAt + i;
            s0 += a[x] * b[y];
            s1 += a[x + 1] * b[y + 1];
            s2 += a[x + 2] * b[y + 2];
            s3 += a[x + 3] * b[y + 3];
            s4 += a[x + 4] * b[y + 4];
            s5 += a[x + 5] * b[y + 5];
            s6 += a[x + 6] * b[y + 6];
            s7 += a[x + 7] * b[y + 7];
        }
        for (; i < count; i++) {
            s0 += a[aAt + i] * b[bAt + i];
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }
}
