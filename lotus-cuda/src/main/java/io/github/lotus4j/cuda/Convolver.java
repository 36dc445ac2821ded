package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Window;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/** Convolutions by cuDNN, with one algorithm for each shape, chosen once. Thread-safe. */
final class Convolver implements AutoCloseable {
    /** More than the largest activation of 768×768 images would be memory that a faster algorithm is not worth. */
    private static final long MOST_WORKSPACE = 256L << 20;

    private static final int CANDIDATES = 8;
    private static final Pointer ONE = Pointer.to(new float[] {1});
    private static final Pointer ZERO = Pointer.to(new float[] {0});

    /** Everything that a choice depends on; strides are of pixels. */
    record Problem(Shape in, int inStride, Shape out, int outStride, Window window) {}

    /** Descriptors of a problem, and how it is computed. */
    private record Plan(
            cudnnTensorDescriptor in,
            cudnnFilterDescriptor filter,
            cudnnConvolutionDescriptor convolution,
            cudnnTensorDescriptor out,
            int algorithm,
            long workspace) {}

    private final Device device;
    private final Precision precision;
    private final boolean exact;
    private final Map<Problem, Plan> plans = new ConcurrentHashMap<>();

    /** @param exact avoid algorithms that trade accuracy for speed */
    Convolver(Device device, Precision precision, boolean exact) {
        this.device = device;
        this.precision = precision;
        this.exact = exact;
    }

    /** Bytes of temporary memory. */
    long workspace(Problem problem, Lane lane) {
        return plan(problem, lane).workspace;
    }

    void run(Problem problem, Lane lane, long in, long filter, long out, long workspace) {
        Plan plan = plan(problem, lane);
        int status = JCudnn.cudnnConvolutionForward(
                lane.dnn(),
                ONE,
                plan.in,
                new Address(in),
                plan.filter,
                new Address(filter),
                plan.convolution,
                plan.algorithm,
                new Address(workspace),
                plan.workspace,
                ZERO,
                plan.out,
                new Address(out));
        device.checkDnn(status, "cudnnConvolutionForward");
    }

    private Plan plan(Problem problem, Lane lane) {
        Plan known = plans.get(problem);
        return known != null ? known : plans.computeIfAbsent(problem, missing -> chosen(missing, lane));
    }

    private Plan chosen(Problem problem, Lane lane) {
        device.use();
        cudnnTensorDescriptor in = tensor(problem.in, problem.inStride);
        cudnnTensorDescriptor out = tensor(problem.out, problem.outStride);
        cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
        device.checkDnn(JCudnn.cudnnCreateFilterDescriptor(filter), "cudnnCreateFilterDescriptor");
        int kernel = problem.window.kernel();
        int status = JCudnn.cudnnSetFilter4dDescriptor(
                filter,
                precision.cudnnType(),
                cudnnTensorFormat.CUDNN_TENSOR_NHWC,
                problem.out.c(),
                problem.in.c(),
                kernel,
                kernel);
        device.checkDnn(status, "cudnnSetFilter4dDescriptor");
        cudnnConvolutionDescriptor convolution = convolution(problem.window);
        cudnnConvolutionFwdAlgoPerf best = best(in, filter, convolution, out, lane, problem);
        return new Plan(in, filter, convolution, out, best.algo, best.memory);
    }

    private cudnnTensorDescriptor tensor(Shape shape, int stride) {
        cudnnTensorDescriptor tensor = new cudnnTensorDescriptor();
        device.checkDnn(JCudnn.cudnnCreateTensorDescriptor(tensor), "cudnnCreateTensorDescriptor");
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

    private cudnnConvolutionDescriptor convolution(Window window) {
        cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
        device.checkDnn(JCudnn.cudnnCreateConvolutionDescriptor(convolution), "cudnnCreateConvolutionDescriptor");
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

    /** The first of cuDNN's own order that can be used here. */
    private cudnnConvolutionFwdAlgoPerf best(
            cudnnTensorDescriptor in,
            cudnnFilterDescriptor filter,
            cudnnConvolutionDescriptor convolution,
            cudnnTensorDescriptor out,
            Lane lane,
            Problem problem) {
        cudnnConvolutionFwdAlgoPerf[] found = new cudnnConvolutionFwdAlgoPerf[CANDIDATES];
        Arrays.setAll(found, i -> new cudnnConvolutionFwdAlgoPerf());
        int[] count = new int[1];
        int status = JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                lane.dnn(), in, filter, convolution, out, CANDIDATES, count, found);
        device.checkDnn(status, "cudnnGetConvolutionForwardAlgorithm_v7");
        for (int i = 0; i < count[0]; i++) {
            if (found[i].status == Status.SUCCESS && found[i].memory <= MOST_WORKSPACE && allowed(found[i].algo)) {
                return found[i];
            }
        }
        throw new CudaException(device.name() + ": cuDNN has no algorithm for " + problem);
    }

    private boolean allowed(int algorithm) {
        return !exact
                || algorithm == cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM
                || algorithm == cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM
                || algorithm == cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_GEMM;
    }

    @Override
    public void close() {
        for (Plan plan : plans.values()) {
            JCudnn.cudnnDestroyTensorDescriptor(plan.in);
            JCudnn.cudnnDestroyFilterDescriptor(plan.filter);
            JCudnn.cudnnDestroyConvolutionDescriptor(plan.convolution);
            JCudnn.cudnnDestroyTensorDescriptor(plan.out);
        }
        plans.clear();
    }
}
