package io.github.lotus4j.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDataType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attention by cuDNN's own operation for it, planned once for each shape, and trusted only where its first result is this
 * project's kernel's. Dao et al. 2022 is what its engines compute. Thread-safe.
 */
final class FusedAttention implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FusedAttention.class);

    /** 9.13.1, the oldest with which NVIDIA's own frontend takes this operation. */
    static final long OLDEST_CUDNN = 91301;

    /** None of its engines is for older devices. */
    private static final int OLDEST_CAPABILITY = 80;

    /**
     * Roundings that results may differ by, relative to the largest: both round weights and results to the storage type once, and
     * sum in floats in another order. What a wrong layout, scale or key does is of the size of the values themselves.
     */
    static final int ROUNDINGS = 16;

    private static final int ALIGNMENT = 16;

    private static final long Q = 1;
    private static final long K = 2;
    private static final long V = 3;
    private static final long OUT = 4;
    private static final long SCALE = 5;
    private static final long[] IDS = {Q, K, V, OUT, SCALE};

    /**
     * An attention's geometry. Tensors are [n, tokens, heads · size]; strides are values from one token to the next.
     *
     * @param keyImages 1, where all images have the same keys and values, or n
     */
    record Problem(
            Precision precision,
            int n,
            int heads,
            int size,
            int tokens,
            int keyImages,
            int keyTokens,
            int qStride,
            int kStride,
            int vStride,
            int outStride) {
        @Override
        public String toString() {
            return "attention of %d × %d tokens to %d × %d, %d heads of %d, %s, strides %d, %d, %d, %d"
                    .formatted(
                            n, tokens, keyImages, keyTokens, heads, size, precision, qStride, kStride, vStride,
                            outStride);
        }
    }

    /** Addresses of one attention. */
    record Addresses(long q, long k, long v, long out, long workspace) {}

    /** How a problem is computed. */
    static final class Plan {
        private enum State {
            UNTRIED,
            TRUSTED,
            REFUSED
        }

        private final @Nullable GraphPlan graph;
        private final MemorySegment scale; // on the host, where it stays while it can be launched
        private volatile State state;

        private Plan(@Nullable GraphPlan graph, MemorySegment scale) {
            this.graph = graph;
            this.scale = scale;
            state = graph == null ? State.REFUSED : State.UNTRIED;
        }

        /** Whether its result has been found to be right. */
        boolean trusted() {
            return state == State.TRUSTED;
        }

        /** Whether the plain kernel is to be taken. */
        boolean refused() {
            return state == State.REFUSED;
        }

        /** Bytes of temporary memory. */
        long workspaceBytes() {
            return graph == null ? 0 : graph.workspaceBytes();
        }
    }

    private final Device device;
    private final Map<Problem, Plan> plans = new ConcurrentHashMap<>();

    FusedAttention(Device device) {
        this.device = device;
    }

    /** Why no attention can be fused; empty where some can. */
    static Optional<String> unavailable(int capability, Precision precision) {
        long version = JCudnn.cudnnGetVersion();
        if (precision == Precision.F32) {
            return Optional.of("cuDNN fuses attention in f16 and bf16, not in f32");
        }
        if (capability < OLDEST_CAPABILITY) {
            return Optional.of("cuDNN fuses attention from compute capability %.1f on, found %.1f"
                    .formatted(OLDEST_CAPABILITY / 10.0, capability / 10.0));
        }
        if (version < OLDEST_CUDNN) {
            return Optional.of("cuDNN has version " + version + ", expected at least " + OLDEST_CUDNN);
        }
        return Optional.empty();
    }

    /** The plan of a problem, which may be that it is refused. */
    Plan plan(Problem problem, Lane lane) {
        Plan known = plans.get(problem);
        return known != null ? known : plans.computeIfAbsent(problem, missing -> made(missing, lane));
    }

    /** Problems that cuDNN computes. */
    long trusted() {
        return plans.values().stream().filter(Plan::trusted).count();
    }

    private Plan made(Problem problem, Lane lane) {
        device.use();
        MemorySegment scale = Arena.ofAuto().allocate(ALIGNMENT, ALIGNMENT);
        scale.set(ValueLayout.JAVA_FLOAT, 0, (float) (1 / Math.sqrt(problem.size)));
        GraphPlan.Parts parts = new GraphPlan.Parts();
        try {
            return new Plan(plan(parts, problem, GraphPlan.Target.device(lane.dnn())), scale);
        } catch (CudaException e) {
            parts.close();
            LOG.warn("{}: cuDNN has no plan for {}: {}", device.name(), problem, e.getMessage());
            return new Plan(null, scale);
        }
    }

    /**
     * Plans without running.
     *
     * @param parts to add to; the plan's from then on, if it can be made
     * @throws CudaException if it cannot be made, with cuDNN's reasons
     */
    static GraphPlan plan(GraphPlan.Parts parts, Problem of, GraphPlan.Target target) {
        Descriptor operation = parts.make(GraphApi.CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR, "an attention")
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_QDESC, heads(parts, Q, of, of.n, of.tokens, of.qStride))
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_KDESC, keys(parts, K, of, of.kStride))
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_VDESC, keys(parts, V, of, of.vStride))
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_ODESC, heads(parts, OUT, of, of.n, of.tokens, of.outStride))
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_SCALEDESC, scale(parts))
                .complete();
        return GraphPlan.of(parts, operation, target);
    }

    private static Descriptor keys(GraphPlan.Parts parts, long id, Problem of, int stride) {
        return heads(parts, id, of, of.keyImages, of.keyTokens, stride);
    }

    /** [n, heads, tokens, size], as it lies in [n, tokens, heads · size]; one image is seen by all where there are more. */
    private static Descriptor heads(GraphPlan.Parts parts, long id, Problem of, int images, int tokens, int stride) {
        long imageStride = images < of.n ? 0 : (long) tokens * stride;
        return parts.make(GraphApi.CUDNN_BACKEND_TENSOR_DESCRIPTOR, "tensor " + id)
                .choose(GraphApi.CUDNN_ATTR_TENSOR_DATA_TYPE, GraphApi.CUDNN_TYPE_DATA_TYPE, of.precision.cudnnType())
                .set(GraphApi.CUDNN_ATTR_TENSOR_DIMENSIONS, of.n, of.heads, tokens, of.size)
                .set(GraphApi.CUDNN_ATTR_TENSOR_STRIDES, imageStride, of.size, stride, 1)
                .set(GraphApi.CUDNN_ATTR_TENSOR_UNIQUE_ID, id)
                .set(GraphApi.CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT)
                .complete();
    }

    /** One float, which lies on the host. */
    private static Descriptor scale(GraphPlan.Parts parts) {
        return parts.make(GraphApi.CUDNN_BACKEND_TENSOR_DESCRIPTOR, "the scale")
                .choose(
                        GraphApi.CUDNN_ATTR_TENSOR_DATA_TYPE,
                        GraphApi.CUDNN_TYPE_DATA_TYPE,
                        cudnnDataType.CUDNN_DATA_FLOAT)
                .set(GraphApi.CUDNN_ATTR_TENSOR_DIMENSIONS, 1, 1, 1, 1)
                .set(GraphApi.CUDNN_ATTR_TENSOR_STRIDES, 1, 1, 1, 1)
                .set(GraphApi.CUDNN_ATTR_TENSOR_UNIQUE_ID, SCALE)
                .set(GraphApi.CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT)
                .mark(GraphApi.CUDNN_ATTR_TENSOR_IS_BY_VALUE)
                .complete();
    }

    /** @throws CudaException if it could not be put on the lane's stream */
    void run(Problem problem, Plan plan, Lane lane, Addresses of) {
        GraphPlan graph = plan.graph;
        if (graph == null) {
            throw new IllegalStateException("there is no plan for " + problem);
        }
        device.use();
        long[] addresses = {of.q, of.k, of.v, of.out, plan.scale.address()};
        int status = graph.run(lane.dnn(), IDS, addresses, of.workspace);
        if (status != Status.SUCCESS) {
            String why = Descriptor.reason().map(each -> " (" + each + ")").orElse("");
            device.checkDnn(status, "cudnnBackendExecute of " + problem + why);
        }
    }

    /** Trusts a plan from its first result on, or never. */
    void judge(Problem problem, Plan plan, float[] found, float[] expected) {
        float largest = 0;
        float difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i])); // not a number if one is none
            difference = Math.max(difference, Math.abs(found[i] - expected[i]));
        }
        float limit = ROUNDINGS * problem.precision.rounding() * largest;
        if (difference <= limit) {
            plan.state = Plan.State.TRUSTED;
            LOG.debug("{}: cuDNN computes {}, which differs by {} of {}", device.name(), problem, difference, limit);
        } else {
            refuse(problem, plan, "its result differs by " + difference + ", expected at most " + limit);
        }
    }

    /** Has the plain kernel taken from now on. */
    void refuse(Problem problem, Plan plan, String why) {
        plan.state = Plan.State.REFUSED;
        LOG.warn("{}: cuDNN's plan for {} is not used: {}", device.name(), problem, why);
    }

    @Override
    public void close() {
        plans.values().forEach(plan -> {
            if (plan.graph != null) {
                plan.graph.close();
            }
        });
        plans.clear();
    }
}
