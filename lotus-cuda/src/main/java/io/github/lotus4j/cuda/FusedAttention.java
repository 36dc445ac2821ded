package io.github.lotus4j.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDataType;

/** Attention by cuDNN's own operation for it. Dao et al. 2022 is what its engines compute. Thread-safe. */
final class FusedAttention implements AutoCloseable {
    /** 9.13.1, the oldest with which NVIDIA's own frontend takes this operation. */
    static final long OLDEST_CUDNN = 91301;

    /** None of its engines is for older devices. */
    private static final int OLDEST_CAPABILITY = 80;

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

    private final FusedPlans<Problem> plans;
    private final Map<Integer, MemorySegment> scales = new ConcurrentHashMap<>(); // on the host, by the heads' size

    FusedAttention(Device device) {
        plans = new FusedPlans<>(device, FusedAttention::plan);
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

    FusedPlans<Problem> plans() {
        return plans;
    }

    /** What an attention reads and writes, by its addresses. */
    FusedPlan.Values values(Problem problem, long q, long k, long v, long out) {
        MemorySegment scale = scales.computeIfAbsent(problem.size, FusedAttention::scale);
        return new FusedPlan.Values(IDS, new long[] {q, k, v, out, scale.address()});
    }

    /** Stays as long as it can be launched. */
    private static MemorySegment scale(int size) {
        MemorySegment scale = Arena.ofAuto().allocate(ALIGNMENT, ALIGNMENT);
        scale.set(ValueLayout.JAVA_FLOAT, 0, (float) (1 / Math.sqrt(size)));
        return scale;
    }

    /** As in {@link FusedPlans.Planner}. */
    static GraphPlan plan(GraphPlan.Parts parts, Problem of, GraphPlan.Target target) {
        Descriptor operation = parts.make(GraphApi.CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR, "an attention")
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_QDESC, heads(parts, Q, of, of.n, of.tokens, of.qStride))
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_KDESC, keys(parts, K, of, of.kStride))
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_VDESC, keys(parts, V, of, of.vStride))
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_ODESC, heads(parts, OUT, of, of.n, of.tokens, of.outStride))
                .set(GraphApi.CUDNN_ATTR_OPERATION_SDPA_FWD_SCALEDESC, scale(parts))
                .complete();
        return GraphPlan.of(parts, target, operation);
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

    @Override
    public void close() {
        plans.close();
    }
}
