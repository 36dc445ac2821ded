package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Frame;

/**
 * Attention. Heads of 64 have a kernel for tensor cores, which keeps no scores. For large heads, such as the VAE's of 512, whose
 * sums would not fit a block's registers, two products of cuBLAS are faster, with the scores of some queries at a time between
 * them. A kernel for any size does the rest. Where it was asked for, cuDNN's own attention takes the place of both kernels.
 */
final class Attention {
    /** Queries of a block of each kernel. */
    private static final int QUERIES = 4;

    private static final int QUERIES_64 = 64;
    private static final int SOFTMAX_THREADS = 256;

    /** Channels from which on a head is large. */
    private static final int LARGE = 128;

    /** Bytes of scores, as floats, and weights at a time; at most sizes, decoding needs more anyway. */
    private static final long MOST_SCORE_BYTES = 256L << 20;

    /** What the queries at a time are a multiple of, if not all: tiles of a product. */
    private static final int TILE = 128;

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
        boolean fits = !causal && wide(out) && size % ops.precision().wide() == 0 && size < LARGE;
        if (fused == null || !fits || !fused(fused)) {
            plain(out, causal);
        }
    }

    /**
     * By cuDNN, if that has a plan that computes what the plain kernel does.
     *
     * @return whether it is done
     */
    private boolean fused(FusedAttention fused) {
        FusedAttention.Problem problem = new FusedAttention.Problem(
                ops.precision(),
                q.shape().n(),
                heads,
                size,
                tokens(q),
                k.shape().n(),
                tokens(k),
                q.stride(),
                k.stride(),
                v.stride(),
                out.stride());
        FusedPlan plan = fused.plans().plan(problem);
        if (plan.refused()) {
            return false;
        }
        FusedPlan.Values values = fused.values(problem, q.address(), k.address(), v.address(), out.address());
        plan.run(ops, values, out, out.shape().c(), to -> plain(to, false));
        return true;
    }

    private void plain(DeviceTensor to, boolean causal) {
        if (size == 64 && !causal && wide(to) && ops.precision() != Precision.F32) {
            int shared = 4 * 64 * 64 * ops.precision().bytes(); // two tiles of keys, two of values
            launch(to, "attention_64", QUERIES_64, 128, shared, causal);
        } else if (size >= LARGE && !causal) {
            byProducts(to, MOST_SCORE_BYTES);
        } else {
            launch(to, "attention", QUERIES, 128, 2 * QUERIES * size * Float.BYTES, causal);
        }
    }

    private boolean wide(DeviceTensor to) {
        return to.wide() && q.wide() && k.wide() && v.wide();
    }

    /** @param mostBytes of scores and weights at a time */
    void byProducts(DeviceTensor to, long mostBytes) {
        int tokens = tokens(q);
        int keys = tokens(k);
        long bytes = keys * (long) (Float.BYTES + ops.precision().bytes());
        int most = (int) Math.min(mostBytes / bytes, tokens);
        int rows = most == tokens ? tokens : Math.max(most / TILE, 1) * TILE;
        try (Frame _ = ops.frame()) {
            Matrix scores = matrix(Precision.F32, rows, keys);
            Matrix weights = matrix(ops.precision(), rows, keys);
            Matrix sums = matrix(Precision.F32, rows, 1);
            Matrix result = matrix(Precision.F32, rows, size);
            for (int image = 0; image < q.shape().n(); image++) {
                int keyImage = k.shape().n() > 1 ? image : 0;
                for (int head = 0; head < heads; head++) {
                    Matrix of = head(k, head).from(keyImage * keys, keys);
                    Matrix values = head(v, head).from(keyImage * keys, keys);
                    for (int first = 0; first < tokens; first += rows) {
                        int count = Math.min(rows, tokens - first);
                        int row = image * tokens + first;
                        scores.from(0, count)
                                .productTransposed(ops, head(q, head).from(row, count), of, false, "scores");
                        softmax(scores, weights, sums, count);
                        result.from(0, count).product(ops, weights.from(0, count), values, false, "values");
                        divide(head(to, head).from(row, count), result, sums);
                    }
                }
            }
        }
    }

    private static int tokens(DeviceTensor tensor) {
        return tensor.shape().h() * tensor.shape().w();
    }

    private Matrix matrix(Precision precision, int rows, int columns) {
        return Matrix.dense(ops.memory().take((long) precision.bytes() * rows * columns), precision, rows, columns);
    }

    private Matrix head(DeviceTensor tensor, int head) {
        return Matrix.of(DeviceTensor.of(tensor.channels(head * size, size)));
    }

    private void softmax(Matrix scores, Matrix weights, Matrix sums, int queries) {
        Arguments arguments = new Arguments()
                .address(scores.address())
                .address(weights.address())
                .address(sums.address())
                .number(scores.columns())
                .number(scale())
                .flag(scores.columns() % 4 == 0);
        ops.launch("softmax", new Launch(queries, 1, 1, SOFTMAX_THREADS, 1, 0), arguments);
    }

    private void divide(Matrix out, Matrix in, Matrix divisors) {
        Arguments arguments = new Arguments()
                .address(in.address())
                .address(divisors.address())
                .address(out.address())
                .number((long) out.rows())
                .number(out.stride())
                .number(out.columns());
        ops.launch("divide_rows", Launch.over((long) out.rows() * out.columns()), arguments);
    }

    /** That of scores whose exponentials are powers of two. */
    private float scale() {
        return (float) (1 / (Math.log(2) * Math.sqrt(size)));
    }

    private void launch(DeviceTensor to, String kernel, int queries, int threads, int sharedBytes, boolean causal) {
        int tokens = tokens(q);
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
                .number(tokens(k))
                .number(size)
                .flag(k.shape().n() > 1)
                .flag(causal)
                .number(scale());
        Launch how = new Launch(Math.ceilDiv(tokens, queries), heads, q.shape().n(), threads, 1, sharedBytes);
        ops.launch(kernel, how, arguments);
    }
}
