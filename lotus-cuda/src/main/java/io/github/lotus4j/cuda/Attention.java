package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Shape;

/** Chooses how an attention is computed: by cuDNN, by tensor cores for the heads of the models, or by a kernel for any size. */
final class Attention {
    /** Queries of a block of each kernel. */
    private static final int QUERIES = 4;

    private static final int QUERIES_64 = 64;
    private static final int QUERIES_512 = 32;

    private final CudaOps ops;
    private final DeviceTensor out;
    private final DeviceTensor q;
    private final DeviceTensor k;
    private final DeviceTensor v;
    private final int heads;
    private final int size;

    Attention(CudaOps ops, DeviceTensor out, DeviceTensor q, DeviceTensor k, DeviceTensor v, int heads) {
        this.ops = ops;
        this.out = out;
        this.q = q;
        this.k = k;
        this.v = v;
        this.heads = heads;
        size = q.shape().c() / heads;
    }

    /** @param causal whether a query sees only keys up to its own position */
    void run(boolean causal) {
        FusedAttention fused = ops.fusedAttention();
        boolean wide = out.wide()
                && q.wide()
                && k.wide()
                && v.wide()
                && size % ops.precision().wide() == 0;
        if (fused == null || causal || !wide || !run(fused)) {
            plain(out, causal);
        }
    }

    /**
     * By cuDNN, if that has a plan that computes what the plain kernel does.
     *
     * @return whether it is done
     */
    private boolean run(FusedAttention fused) {
        FusedAttention.Problem problem = new FusedAttention.Problem(
                ops.precision(),
                q.shape().n(),
                heads,
                size,
                q.shape().h() * q.shape().w(),
                k.shape().n(),
                k.shape().h() * k.shape().w(),
                q.stride(),
                k.stride(),
                v.stride(),
                out.stride());
        FusedAttention.Plan plan = fused.plan(problem, ops.lane());
        if (plan.refused()) {
            return false;
        }
        try (Frame _ = ops.frame()) {
            long workspace = ops.memory().take(plan.workspaceBytes());
            FusedAttention.Addresses addresses =
                    new FusedAttention.Addresses(q.address(), k.address(), v.address(), out.address(), workspace);
            if (!plan.trusted()) {
                tryOut(fused, problem, plan, addresses);
            } else if (!ops.measures()) {
                fused.run(problem, plan, ops.lane(), addresses);
            }
            return ops.measures() || plan.trusted();
        }
    }

    /** In the first run, which is not recorded: a recording could not wait for the values. */
    private void tryOut(
            FusedAttention fused,
            FusedAttention.Problem problem,
            FusedAttention.Plan plan,
            FusedAttention.Addresses addresses) {
        DeviceTensor plain = ops.memory().tensor(out.shape(), ops.precision());
        plain(plain, false);
        if (!ops.measures()) {
            try {
                fused.run(problem, plan, ops.lane(), addresses);
            } catch (CudaException e) {
                ops.device().requireWorking();
                fused.refuse(problem, plan, String.valueOf(e.getMessage()));
                return;
            }
        }
        float[] found = ops.doDownload(out);
        float[] expected = ops.doDownload(plain);
        if (!ops.measures()) {
            fused.judge(problem, plan, found, expected);
        }
    }

    private void plain(DeviceTensor to, boolean causal) {
        boolean tensorCores =
                ops.precision() != Precision.F32 && !causal && to.wide() && q.wide() && k.wide() && v.wide();
        if (tensorCores && size == 64) {
            int shared = 4 * 64 * 64 * ops.precision().bytes(); // two tiles of keys, two of values
            launch(to, "attention_64", QUERIES_64, 128, shared, causal);
        } else if (tensorCores && size == 512) {
            int tile = ops.device().sharedBytes() >= bytesOf512(32) ? 32 : 16;
            launch(to, "attention_512_" + tile, QUERIES_512, 256, bytesOf512(tile), causal);
        } else {
            launch(to, "attention", QUERIES, 128, 2 * QUERIES * size * Float.BYTES, causal);
        }
    }

    /** As attention_512.cuh's Memory. */
    private int bytesOf512(int tile) {
        int keysAndValues = 2 * tile * 512 * ops.precision().bytes();
        int weights = QUERIES_512 * (tile + 8) * ops.precision().bytes();
        int scores = 4 * QUERIES_512 * (tile + 8) * Float.BYTES;
        return keysAndValues + weights + scores + QUERIES_512 * Float.BYTES;
    }

    private void launch(DeviceTensor to, String kernel, int queries, int threads, int sharedBytes, boolean causal) {
        Shape shape = q.shape();
        int tokens = shape.h() * shape.w();
        Arguments arguments = new Arguments()
                .address(q.address())
                .address(k.address())
                .address(v.address())
                .address(to.address())
                .number(q.stride())
                .number(k.stride())
                .number(v.stride())
                .number(to.stride())
                .number(tokens)
                .number(k.shape().h() * k.shape().w())
                .number(size)
                .flag(k.shape().n() > 1)
                .flag(causal)
                .number((float) (1 / (Math.log(2) * Math.sqrt(size))));
        Launch how = new Launch(Math.ceilDiv(tokens, queries), heads, shape.n(), threads, 1, sharedBytes);
        ops.launch(kernel, how, arguments);
    }
}
