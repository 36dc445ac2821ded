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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Convolutions by cuDNN, which adds bias and residual before it rounds. It does that, where nothing follows, for one algorithm
 * only (cuDNN documentation, cudnnConvolutionBiasActivationForward), the implicit product; so there is no other to choose, and
 * none here that trades accuracy for speed. Descriptors are made once for each shape. Thread-safe.
 */
final class Convolver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Convolver.class);
    private static final int ALGORITHM = cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;

    /** Where cuDNN's statuses of that kind begin, and those of the next. */
    private static final int NOT_SUPPORTED = 3000;

    private static final int INTERNAL_ERROR = 4000;

    private static final Pointer ONE = Pointer.to(new float[] {1});
    private static final Pointer ZERO = Pointer.to(new float[] {0});

    /**
     * A convolution's geometry; tensors are dense.
     *
     * @param adds whether there is a residual
     */
    record Problem(Shape in, Shape out, boolean adds, Window window) {
        @Override
        public String toString() {
            String padding = ViewWriter.symmetric(window) ? window.top() + ", " + window.left() : "written out";
            return "convolution of %s to %s, %d × %d, stride %d, padding %s%s"
                    .formatted(
                            in,
                            out,
                            window.kernel(),
                            window.kernel(),
                            window.stride(),
                            padding,
                            adds ? ", and a residual" : "");
        }
    }

    /** Addresses of one convolution; the bias is in the storage type, the residual is not read where the problem has none. */
    record Addresses(long in, long filter, long bias, long residual, long out, long workspace) {}

    private record Descriptors(
            cudnnTensorDescriptor in,
            cudnnFilterDescriptor filter,
            cudnnConvolutionDescriptor convolution,
            cudnnTensorDescriptor bias,
            cudnnTensorDescriptor out) {}

    /** How a problem is computed. */
    private static final class Plan {
        private final Descriptors descriptors;
        private final long workspace;
        private volatile boolean plain; // cuDNN has said that it does not add bias and residual

        Plan(Descriptors descriptors, long workspace) {
            this.descriptors = descriptors;
            this.workspace = workspace;
        }
    }

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
        int mode = cudnnActivationMode.CUDNN_ACTIVATION_IDENTITY;
        int propagation = cudnnNanPropagation.CUDNN_NOT_PROPAGATE_NAN; // of the two, the one that convolutions take
        device.checkDnn(
                JCudnn.cudnnSetActivationDescriptor(identity, mode, propagation, 0), "cudnnSetActivationDescriptor");
    }

    /** Bytes of temporary memory. */
    long workspace(Problem problem, Lane lane) {
        return plan(problem, lane).workspace;
    }

    /**
     * {@code out = conv(in) + bias + residual}; where cuDNN does not add, {@code out = conv(in)}, and the residual only if that is
     * {@code out} itself.
     *
     * @return whether bias and residual have been added
     */
    boolean run(Problem problem, Lane lane, Addresses addresses) {
        Plan plan = plan(problem, lane);
        if (!plan.plain) {
            int status = fused(problem, plan, lane, addresses);
            if (status < NOT_SUPPORTED || status >= INTERNAL_ERROR) {
                device.checkDnn(status, "cudnnConvolutionBiasActivationForward of " + problem);
                return true;
            }
            plan.plain = true; // before it is recorded, since a first run is not
            LOG.warn("{}: cuDNN does not add to {}: {}", device.name(), problem, Status.cudnn(status));
        }
        boolean inPlace = problem.adds && addresses.residual == addresses.out;
        Descriptors of = plan.descriptors;
        int status = JCudnn.cudnnConvolutionForward(
                lane.dnn(),
                ONE,
                of.in,
                new Address(addresses.in),
                of.filter,
                new Address(addresses.filter),
                of.convolution,
                ALGORITHM,
                new Address(addresses.workspace),
                plan.workspace,
                inPlace ? ONE : ZERO,
                of.out,
                new Address(addresses.out));
        device.checkDnn(status, "cudnnConvolutionForward of " + problem);
        return false;
    }

    private int fused(Problem problem, Plan plan, Lane lane, Addresses addresses) {
        Descriptors of = plan.descriptors;
        return JCudnn.cudnnConvolutionBiasActivationForward(
                lane.dnn(),
                ONE,
                of.in,
                new Address(addresses.in),
                of.filter,
                new Address(addresses.filter),
                of.convolution,
                ALGORITHM,
                new Address(addresses.workspace),
                plan.workspace,
                problem.adds ? ONE : ZERO,
                of.out,
                new Address(problem.adds ? addresses.residual : addresses.out),
                of.bias,
                new Address(addresses.bias),
                identity,
                of.out,
                new Address(addresses.out));
    }

    private Plan plan(Problem problem, Lane lane) {
        Plan known = plans.get(problem);
        return known != null ? known : plans.computeIfAbsent(problem, missing -> made(missing, lane));
    }

    private synchronized Plan made(Problem problem, Lane lane) {
        device.use();
        Shape out = problem.out;
        Descriptors of = new Descriptors(
                tensor(problem.in),
                filter(out.c(), problem.in.c(), problem.window.kernel()),
                convolution(problem.window),
                tensor(Shape.vector(out.c())),
                tensor(out));
        long[] workspace = new long[1];
        int status = JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                lane.dnn(), of.in, of.filter, of.convolution, of.out, ALGORITHM, workspace);
        device.checkDnn(status, "cudnnGetConvolutionForwardWorkspaceSize of " + problem);
        return new Plan(of, workspace[0]);
    }

    private cudnnTensorDescriptor tensor(Shape shape) {
        cudnnTensorDescriptor tensor = new cudnnTensorDescriptor();
        device.checkDnn(JCudnn.cudnnCreateTensorDescriptor(tensor), "cudnnCreateTensorDescriptor");
        releases.add(() -> JCudnn.cudnnDestroyTensorDescriptor(tensor));
        int row = shape.w() * shape.c();
        int status = JCudnn.cudnnSetTensor4dDescriptorEx(
                tensor,
                precision.cudnnType(),
                shape.n(),
                shape.c(),
                shape.h(),
                shape.w(),
                Math.multiplyExact(shape.h(), row),
                1,
                row,
                shape.c());
        device.checkDnn(status, "cudnnSetTensor4dDescriptorEx");
        return tensor;
    }

    private cudnnFilterDescriptor filter(int outputs, int inputs, int kernel) {
        cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
        device.checkDnn(JCudnn.cudnnCreateFilterDescriptor(filter), "cudnnCreateFilterDescriptor");
        releases.add(() -> JCudnn.cudnnDestroyFilterDescriptor(filter));
        int nhwc = cudnnTensorFormat.CUDNN_TENSOR_NHWC;
        int status =
                JCudnn.cudnnSetFilter4dDescriptor(filter, precision.cudnnType(), nhwc, outputs, inputs, kernel, kernel);
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
