package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Shape;

/** Chooses the kernel for an attention: tensor cores for the heads of the models, else one for any size. */
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
        boolean tensorCores =
                ops.precision() != Precision.F32 && !causal && out.wide() && q.wide() && k.wide() && v.wide();
        if (tensorCores && size == 64) {
            int shared = 4 * 64 * 64 * ops.precision().bytes(); // two tiles of keys, two of values
            launch("attention_64", QUERIES_64, 128, shared, causal);
        } else if (tensorCores && size == 512) {
            int tile = ops.device().sharedBytes() >= bytesOf512(32) ? 32 : 16;
            launch("attention_512_" + tile, QUERIES_512, 256, bytesOf512(tile), causal);
        } else {
            launch("attention", QUERIES, 128, 2 * QUERIES * size * Float.BYTES, causal);
        }
    }

    /** As attention_512.cuh's Memory. */
    private int bytesOf512(int tile) {
        int keysAndValues = 2 * tile * 512 * ops.precision().bytes();
        int weights = QUERIES_512 * (tile + 8) * ops.precision().bytes();
        int scores = 4 * QUERIES_512 * (tile + 8) * Float.BYTES;
        return keysAndValues + weights + scores + QUERIES_512 * Float.BYTES;
    }

    private void launch(String kernel, int queries, int threads, int sharedBytes, boolean causal) {
        Shape shape = q.shape();
        int tokens = shape.h() * shape.w();
        Arguments arguments = new Arguments()
                .address(q.address())
                .address(k.address())
                .address(v.address())
                .address(out.address())
                .number(q.stride())
                .number(k.stride())
                .number(v.stride())
                .number(out.stride())
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
