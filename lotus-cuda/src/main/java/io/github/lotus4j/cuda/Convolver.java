package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnNanPropagation;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/**
 * Convolutions by cuDNN, which adds bias and residual before it rounds. It does that, where nothing follows, for one algorithm
 * only (cuDNN documentation, cudnnConvolutionBiasActivationForward), the implicit product; so there is no other to choose, and
 * none here that trades accuracy for speed. Descriptors are made once for each shape. Thread-safe.
 */
final class Convolver implements AutoCloseable {
    private static final int ALGORITHM = cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
    private static final Pointer ONE = Pointer.to(new float[] {1});
    private static final Pointer ZERO = Pointer.to(new float[] {0});

    /**
     * A convolution's geometry. Strides are of pixels.
     *
     * @param residualStride 0 where nothing is added
     */
    record Problem(Shape in, int inStride, Shape out, int outStride, int residualStride, Window window) {}

    private record Plan(
            cudnnTensorDescriptor in,
            cudnnFilterDescriptor filter,
            cudnnConvolutionDescriptor convolution,
            cudnnTensorDescriptor bias,
            cudnnTensorDescriptor residual,
            cudnnTensorDescriptor out,
            long workspace) {}

    private final Device device;
    private final Precision precision;
    private final cudnnActivationDescriptor identity = new cudnnActivationDescriptor();
    private final Map<Problem, Plan> plans = new ConcurrentHashMap<>();
    private final List<Runnable> releases = new ArrayList<>();

    Convolver(Device device, Precision precision) {
        this.device = device;
        this.precision = precision;
        device.checkDnn(JCudnn.cudnnCreateActivationDescriptor(identity), "cudnnCreateActivationDescriptor");
        releases.add(() -> JCudnn.cudnnDestroyActivationDescriptor(identity));
        int status = JCudnn.cudnnSetActivationDescriptor(
                identity, cudnnActivationMode.CUDNN_ACTIVATION_IDENTITY, cudnnNanPropagation.CUDNN_PROPAGATE_NAN, 0);
        device.checkDnn(status, "cudnnSetActivationDescriptor");
    }

    /** Bytes of temporary memory. */
    long workspace(Problem problem, Lane lane) {
        return plan(problem, lane).workspace;
    }

    /**
     * {@code out = conv(in) + bias + residual}.
     *
     * @param bias in the storage type
     * @param residual not read where the problem has none
     */
    void run(Problem problem, Lane lane, long in, long filter, long bias, long residual, long out, long workspace) {
        Plan plan = plan(problem, lane);
        boolean adds = problem.residualStride > 0;
        int status = JCudnn.cudnnConvolutionBiasActivationForward(
                lane.dnn(),
                ONE,
                plan.in,
                new Address(in),
                plan.filter,
                new Address(filter),
                plan.convolution,
                ALGORITHM,
                new Address(workspace),
                plan.workspace,
                adds ? ONE : ZERO,
                plan.residual,
                new Address(adds ? residual : out),
                plan.bias,
                new Address(bias),
                identity,
                plan.out,
                new Address(out));
        device.checkDnn(status, "cudnnConvolutionBiasActivationForward");
    }

    private Plan plan(Problem problem, Lane lane) {
        Plan known = plans.get(problem);
        return known != null ? known : plans.computeIfAbsent(problem, missing -> made(missing, lane));
    }

    private synchronized Plan made(Problem problem, Lane lane) {
        device.use();
        Shape out = problem.out;
        cudnnTensorDescriptor read = tensor(problem.in, problem.inStride);
        cudnnTensorDescriptor written = tensor(out, problem.outStride);
        cudnnTensorDescriptor residual = problem.residualStride > 0 ? tensor(out, problem.residualStride) : written;
        cudnnTensorDescriptor bias = tensor(Shape.vector(out.c()), out.c());
        cudnnFilterDescriptor filter = filter(out.c(), problem.in.c(), problem.window.kernel());
        cudnnConvolutionDescriptor convolution = convolution(problem.window);
        long[] workspace = new long[1];
        int status = JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                lane.dnn(), read, filter, convolution, written, ALGORITHM, workspace);
        device.checkDnn(status, "cudnnGetConvolutionForwardWorkspaceSize of " + problem);
        return new Plan(read, filter, convolution, bias, residual, written, workspace[0]);
    }

    private cudnnTensorDescriptor tensor(Shape shape, int stride) {
        cudnnTensorDescriptor tensor = new cudnnTensorDescriptor();
        device.checkDnn(JCudnn.cudnnCreateTensorDescriptor(tensor), "cudnnCreateTensorDescriptor");
        releases.add(() -> JCudnn.cudnnDestroyTensorDescriptor(tensor));
        int status = JCudnn.cudnnSetTensor4dDescriptorEx(
                tensor,
                precision.cudnnType(),
                shape.n(),
                shape.c(),
                shape.h(),
                shape.w(),
                Math.multiplyExact(shape.h() * shape.w(), stride),
                1,
                shape.w() * stride,
                stride);
        device.checkDnn(status, "cudnnSetTensor4dDescriptorEx");
        return tensor;
    }

    private cudnnFilterDescriptor filter(int outputs, int inputs, int kernel) {
        cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
        device.checkDnn(JCudnn.cudnnCreateFilterDescriptor(filter), "cudnnCreateFilterDescriptor");
        releases.add(() -> JCudnn.cudnnDestroyFilterDescriptor(filter));
        int status = JCudnn.cudnnSetFilter4dDescriptor(
                filter, precision.cudnnType(), cudnnTensorFormat.CUDNN_TENSOR_NHWC, outputs, inputs, kernel, kernel);
        device.checkDnn(status, "cudnnSetFilter4dDescriptor");
        return filter;
    }

    private cudnnConvolutionDescriptor convolution(Window window) {
        cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
        device.checkDnn(JCudnn.cudnnCreateConvolutionDescriptor(convolution), "cudnnCreateConvolutionDescriptor");
        releases.add(() -> JCudnn.cudnnDestroyConvolutionDescriptor(convolution));
        boolean symmetric = ViewWriter.symmetric(window); // else the padding is written out
        int status = JCudnn.cudnnSetConvolution2dDescriptor(
                convolution,
                symmetric ? window.top() : 0,
                symmetric ? window.left() : 0,
                window.stride(),
                window.stride(),
                1,
                1,
                cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
                cudnnDataType.CUDNN_DATA_FLOAT);
        device.checkDnn(status, "cudnnSetConvolution2dDescriptor");
        int math = precision == Precision.F32 ? cudnnMathType.CUDNN_FMA_MATH : cudnnMathType.CUDNN_TENSOR_OP_MATH;
        device.checkDnn(JCudnn.cudnnSetConvolutionMathType(convolution, math), "cudnnSetConvolutionMathType");
        return convolution;
    }

    @Override
    public synchronized void close() {
        releases.forEach(Runnable::run);
        releases.clear();
        plans.clear();
    }
}
