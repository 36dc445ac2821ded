package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import java.util.Optional;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;

/**
 * Convolutions as one plan of cuDNN's graph API: between products and sums there are only floats, and the result is rounded once.
 * Thread-safe.
 */
final class FusedConvolution implements AutoCloseable {
    private static final int ALIGNMENT = 16;

    private static final long IN = 1;
    private static final long FILTER = 2;
    private static final long BIAS = 3;
    private static final long RESIDUAL = 4;
    private static final long OUT = 5;
    private static final long PRODUCT = 6;
    private static final long SUM = 7;
    private static final long[] IDS = {IN, FILTER, BIAS, OUT};
    private static final long[] IDS_ADDING = {IN, FILTER, BIAS, OUT, RESIDUAL};

    private final FusedPlans<Convolver.Problem> plans;

    FusedConvolution(Device device, Precision precision) {
        plans = new FusedPlans<>(device, (parts, problem, target) -> plan(parts, problem, precision, target));
    }

    /** Why no convolution can be fused; empty where some can. */
    static Optional<String> unavailable(Precision precision) {
        return precision == Precision.F32
                ? Optional.of("cuDNN's engines round what they read of f32; f16 and bf16 are fused")
                : Optional.empty();
    }

    FusedPlans<Convolver.Problem> plans() {
        return plans;
    }

    /** @param of addresses, of which the workspace is not looked at; out must not be what is read */
    static FusedPlan.Values values(Convolver.Problem problem, Convolver.Addresses of) {
        return problem.adds()
                ? new FusedPlan.Values(
                        IDS_ADDING, new long[] {of.in(), of.filter(), of.bias(), of.out(), of.residual()})
                : new FusedPlan.Values(IDS, new long[] {of.in(), of.filter(), of.bias(), of.out()});
    }

    /** As in {@link FusedPlans.Planner}. */
    static GraphPlan plan(
            GraphPlan.Parts parts, Convolver.Problem problem, Precision precision, GraphPlan.Target target) {
        int stored = precision.cudnnType();
        Shape shape = problem.out();
        int kernel = problem.window().kernel();
        Shape filters = new Shape(shape.c(), kernel, kernel, problem.in().c());
        Descriptor in = tensor(parts, IN, stored, problem.in()).complete();
        Descriptor filter = tensor(parts, FILTER, stored, filters).complete();
        Descriptor bias = tensor(parts, BIAS, stored, Shape.vector(shape.c())).complete();
        Descriptor out = tensor(parts, OUT, stored, shape).complete();
        Descriptor product = between(parts, PRODUCT, shape);
        Descriptor convolution = convolution(parts, problem.window(), in, filter, product);
        if (!problem.adds()) {
            return GraphPlan.of(parts, target, convolution, sum(parts, product, bias, out));
        }
        Descriptor residual = tensor(parts, RESIDUAL, stored, shape).complete();
        Descriptor sum = between(parts, SUM, shape);
        return GraphPlan.of(parts, target, convolution, sum(parts, product, residual, sum), sum(parts, sum, bias, out));
    }

    /** [n, c, h, w] with channels last. */
    private static Descriptor tensor(GraphPlan.Parts parts, long id, int type, Shape shape) {
        long row = (long) shape.w() * shape.c();
        return parts.make(GraphApi.CUDNN_BACKEND_TENSOR_DESCRIPTOR, "tensor " + id)
                .choose(GraphApi.CUDNN_ATTR_TENSOR_DATA_TYPE, GraphApi.CUDNN_TYPE_DATA_TYPE, type)
                .set(GraphApi.CUDNN_ATTR_TENSOR_DIMENSIONS, shape.n(), shape.c(), shape.h(), shape.w())
                .set(GraphApi.CUDNN_ATTR_TENSOR_STRIDES, shape.h() * row, 1, row, shape.c())
                .set(GraphApi.CUDNN_ATTR_TENSOR_UNIQUE_ID, id)
                .set(GraphApi.CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT);
    }

    /** Floats that are never written to memory. */
    private static Descriptor between(GraphPlan.Parts parts, long id, Shape shape) {
        return tensor(parts, id, cudnnDataType.CUDNN_DATA_FLOAT, shape)
                .mark(GraphApi.CUDNN_ATTR_TENSOR_IS_VIRTUAL)
                .complete();
    }

    private static Descriptor convolution(
            GraphPlan.Parts parts, Window window, Descriptor in, Descriptor filter, Descriptor out) {
        boolean symmetric = ViewWriter.symmetric(window); // else the padding is written out
        long top = symmetric ? window.top() : 0;
        long left = symmetric ? window.left() : 0;
        Descriptor how = parts.make(GraphApi.CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, "a window")
                .set(GraphApi.CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2)
                .choose(
                        GraphApi.CUDNN_ATTR_CONVOLUTION_COMP_TYPE,
                        GraphApi.CUDNN_TYPE_DATA_TYPE,
                        cudnnDataType.CUDNN_DATA_FLOAT)
                .choose(
                        GraphApi.CUDNN_ATTR_CONVOLUTION_CONV_MODE,
                        GraphApi.CUDNN_TYPE_CONVOLUTION_MODE,
                        cudnnConvolutionMode.CUDNN_CROSS_CORRELATION)
                .set(GraphApi.CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, top, left)
                .set(GraphApi.CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, top, left)
                .set(GraphApi.CUDNN_ATTR_CONVOLUTION_DILATIONS, 1, 1)
                .set(GraphApi.CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, window.stride(), window.stride())
                .complete();
        return parts.make(GraphApi.CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, "a convolution")
                .set(GraphApi.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, in)
                .set(GraphApi.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, filter)
                .set(GraphApi.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, out)
                .set(GraphApi.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, how)
                .scale(GraphApi.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1)
                .scale(GraphApi.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, 0)
                .complete();
    }

    /** {@code out = a + b}, in floats. */
    private static Descriptor sum(GraphPlan.Parts parts, Descriptor a, Descriptor b, Descriptor out) {
        Descriptor add = parts.make(GraphApi.CUDNN_BACKEND_POINTWISE_DESCRIPTOR, "an addition")
                .choose(
                        GraphApi.CUDNN_ATTR_POINTWISE_MODE,
                        GraphApi.CUDNN_TYPE_POINTWISE_MODE,
                        GraphApi.CUDNN_POINTWISE_ADD)
                .choose(
                        GraphApi.CUDNN_ATTR_POINTWISE_MATH_PREC,
                        GraphApi.CUDNN_TYPE_DATA_TYPE,
                        cudnnDataType.CUDNN_DATA_FLOAT)
                .complete();
        return parts.make(GraphApi.CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, "a sum")
                .set(GraphApi.CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, add)
                .set(GraphApi.CUDNN_ATTR_OPERATION_POINTWISE_XDESC, a)
                .set(GraphApi.CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b)
                .set(GraphApi.CUDNN_ATTR_OPERATION_POINTWISE_YDESC, out)
                .complete();
    }

    @Override
    public void close() {
        plans.close();
    }
}
