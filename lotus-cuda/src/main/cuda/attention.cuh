// softmax(q · kᵀ / sqrt(size)) · v without a score matrix: a running maximum and sum of each query's exponentials, by which
// what was summed before is rescaled. Milakov and Gimelshein 2018; Dao et al. 2022.
#pragma once
#include "mma.cuh"

struct AttentionArgs {
    const void *q; // [images, queries, heads · size]
    const void *k; // [images or 1, keys, heads · size]
    const void *v;
    void *out;
    int qStride; // elements from one token to the next
    int kStride;
    int vStride;
    int outStride;
    int queries;
    int keys;
    int size; // of a head
    int keysOfImages; // 1 where each image has keys of its own, 0 where one serves all
    int causal;
    float scale; // log2(e) / sqrt(size): exponentials are powers of two
};

__device__ constexpr float NEVER = -1e30f; // a score that cannot be attended to; finite, so that differences are

template <class T> struct Head {
    const T *q, *k, *v;
    T *out;

    __device__ Head(const AttentionArgs &a, int image, int head) {
        long long token = (long long)image * a.queries;
        long long keyToken = a.keysOfImages ? (long long)image * a.keys : 0;
        int channel = head * a.size;
        q = (const T *)a.q + token * a.qStride + channel;
        k = (const T *)a.k + keyToken * a.kStride + channel;
        v = (const T *)a.v + keyToken * a.vStride + channel;
        out = (T *)a.out + token * a.outStride + channel;
    }
};

/**
 * Heads of any size: a warp takes a query, a lane a key at a time. Grid: queries / 4, heads, images; block: 4 warps; dynamic
 * shared memory: 8 · size floats, a query and a sum for each warp.
 */
template <class T> __device__ void attentionOfAnySize(const AttentionArgs &a) {
    DYNAMIC_SHARED(memory)
    float *rows = (float *)memory;
    int lane = threadIdx.x % 32;
    int warp = threadIdx.x / 32;
    float *query = rows + 2 * warp * a.size;
    float *sum = query + a.size;
    int i = blockIdx.x * 4 + warp;
    if (i >= a.queries) {
        return;
    }
    Head<T> head(a, blockIdx.z, blockIdx.y);
    for (int d = lane; d < a.size; d += 32) {
        query[d] = toFloat(head.q[(long long)i * a.qStride + d]) * a.scale;
        sum[d] = 0.f;
    }
    __syncwarp();
    int seen = a.causal ? min(i + 1, a.keys) : a.keys;
    float largest = NEVER;
    float total = 0.f;
    for (int first = 0; first < seen; first += 32) {
        float score = NEVER;
        if (first + lane < seen) {
            const T *key = head.k + (long long)(first + lane) * a.kStride;
            score = 0.f;
            for (int d = 0; d < a.size; d++) {
                score += query[d] * toFloat(key[d]);
            }
        }
        float before = largest;
        largest = fmaxf(largest, maxAcrossWarp(score));
        float rescale = exp2f(before - largest);
        float weight = first + lane < seen ? exp2f(score - largest) : 0.f;
        total = total * rescale + sumAcrossWarp(weight);
        int count = min(32, seen - first);
        for (int chunk = 0; chunk < a.size; chunk += 32) { // all lanes take part in every shuffle
            int d = chunk + lane;
            float s = d < a.size ? sum[d] * rescale : 0.f;
            for (int j = 0; j < count; j++) {
                float w = __shfl_sync(0xffffffffu, weight, j);
                s += d < a.size ? w * toFloat(head.v[(long long)(first + j) * a.vStride + d]) : 0.f;
            }
            if (d < a.size) {
                sum[d] = s;
            }
        }
    }
    for (int d = lane; d < a.size; d += 32) {
        head.out[(long long)i * a.outStride + d] = fromFloat<T>(sum[d] / total);
    }
}

extern "C" __global__ void __launch_bounds__(128) attention_f16(AttentionArgs a) { attentionOfAnySize<half_t>(a); }
extern "C" __global__ void __launch_bounds__(128) attention_f32(AttentionArgs a) { attentionOfAnySize<float>(a); }
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
extern "C" __global__ void __launch_bounds__(128) attention_bf16(AttentionArgs a) { attentionOfAnySize<bfloat_t>(a); }
#endif

/** Where 16-byte chunk c of a row of shared memory lies: shifted by the row, so that eight rows' chunks lie in all banks. */
template <int CHUNKS> __device__ __forceinline__ int swizzled(int row, int chunk) {
    return (row * CHUNKS + (chunk ^ (row & 7))) * 8;
}

/**
 * Begins to copy rows of SIZE values, from row first on, into swizzled shared memory; zeros beyond the last.
 */
template <class T, int ROWS, int SIZE, int THREADS>
__device__ __forceinline__ void copyRows(T *to, const T *from, int stride, int first, int rows) {
    constexpr int CHUNKS = SIZE / 8;
#pragma unroll
    for (int i = threadIdx.x; i < ROWS * CHUNKS; i += THREADS) {
        int row = i / CHUNKS;
        int chunk = i % CHUNKS;
        bool present = first + row < rows;
        const T *source = from + (long long)(present ? first + row : 0) * stride + chunk * 8;
        copyAsync(to + swizzled<CHUNKS>(row, chunk), source, present);
    }
}

/**
 * Heads of 64 on tensor cores. A block takes 64 queries, a warp 16 of them, whose rows stay in registers; keys and values come
 * in tiles of 64, the next tile while one is computed. Grid: queries / 64, heads, images; block: 4 warps; dynamic shared memory:
 * 32 KB, two tiles of keys and of values.
 *
 * A lane holds, of each 16×8 tile, columns 2 · (lane % 4) and the next, of rows lane / 4 and lane / 4 + 8 (PTX ISA, mma.m16n8k16).
 */
template <class T> __device__ void attentionOf64(const AttentionArgs &a) {
    constexpr int SIZE = 64, TILE = 64, THREADS = 128, STEPS = SIZE / 16, COLUMNS = TILE / 8;
    DYNAMIC_SHARED(memory)
    T *keys = (T *)memory; // [2][TILE][SIZE]
    T *values = keys + 2 * TILE * SIZE;
    int lane = threadIdx.x % 32;
    int row = blockIdx.x * 64 + threadIdx.x / 32 * 16 + lane / 4;
    Head<T> head(a, blockIdx.z, blockIdx.y);

    copyRows<T, TILE, SIZE, THREADS>(keys, head.k, a.kStride, 0, a.keys);
    copyRows<T, TILE, SIZE, THREADS>(values, head.v, a.vStride, 0, a.keys);
    commitCopies();

    unsigned q[STEPS][4];
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
#pragma unroll
        for (int i = 0; i < 4; i++) { // row, row + 8; then the next 8 columns
            int r = min(row + i % 2 * 8, a.queries - 1);
            q[step][i] = *(const unsigned *)(head.q + (long long)r * a.qStride + step * 16 + i / 2 * 8 + lane % 4 * 2);
        }
    }
    float sum[SIZE / 8][4] = {};
    float largest[2] = {NEVER, NEVER};
    float total[2] = {0.f, 0.f};
    int tiles = (a.keys + TILE - 1) / TILE;
    for (int tile = 0; tile < tiles; tile++) {
        T *key = keys + tile % 2 * TILE * SIZE;
        T *value = values + tile % 2 * TILE * SIZE;
        int next = (tile + 1) % 2 * TILE * SIZE;
        if (tile + 1 < tiles) {
            copyRows<T, TILE, SIZE, THREADS>(keys + next, head.k, a.kStride, (tile + 1) * TILE, a.keys);
            copyRows<T, TILE, SIZE, THREADS>(values + next, head.v, a.vStride, (tile + 1) * TILE, a.keys);
        }
        commitCopies();
        awaitCopies<1>();
        __syncthreads();

        float score[COLUMNS][4] = {};
#pragma unroll
        for (int column = 0; column < COLUMNS; column++) {
#pragma unroll
            for (int half = 0; half < STEPS / 2; half++) { // four 8×8 matrices: 8 keys by 32 values
                unsigned k[4];
                loadMatrices(k, key + swizzled<SIZE / 8>(column * 8 + lane % 8, half * 4 + lane / 8));
                multiply<T>(score[column], q[2 * half], k[0], k[1]);
                multiply<T>(score[column], q[2 * half + 1], k[2], k[3]);
            }
        }
        float before[2] = {largest[0], largest[1]};
#pragma unroll
        for (int column = 0; column < COLUMNS; column++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                bool present = tile * TILE + column * 8 + lane % 4 * 2 + i % 2 < a.keys;
                score[column][i] = present ? score[column][i] * a.scale : NEVER;
                largest[i / 2] = fmaxf(largest[i / 2], score[column][i]);
            }
        }
        float rescale[2];
#pragma unroll
        for (int i = 0; i < 2; i++) { // a row is spread over four lanes
            largest[i] = fmaxf(largest[i], __shfl_xor_sync(0xffffffffu, largest[i], 1));
            largest[i] = fmaxf(largest[i], __shfl_xor_sync(0xffffffffu, largest[i], 2));
            rescale[i] = exp2f(before[i] - largest[i]);
            total[i] *= rescale[i];
        }
#pragma unroll
        for (int column = 0; column < COLUMNS; column++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                score[column][i] = exp2f(score[column][i] - largest[i / 2]);
                total[i / 2] += score[column][i];
            }
        }
#pragma unroll
        for (int column = 0; column < SIZE / 8; column++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sum[column][i] *= rescale[i / 2];
            }
        }
#pragma unroll
        for (int step = 0; step < TILE / 16; step++) {
            float *left = score[2 * step];
            float *right = score[2 * step + 1];
            unsigned weights[4] = {
                packed<T>(left[0], left[1]),
                packed<T>(left[2], left[3]),
                packed<T>(right[0], right[1]),
                packed<T>(right[2], right[3]),
            };
#pragma unroll
            for (int column = 0; column < SIZE / 8; column += 2) { // 16 keys by 8 channels, and by the next 8
                unsigned v[4];
                loadTransposed(v, value + swizzled<SIZE / 8>(step * 16 + lane % 16, column + lane / 16));
                multiply<T>(sum[column], weights, v[0], v[1]);
                multiply<T>(sum[column + 1], weights, v[2], v[3]);
            }
        }
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < 2; i++) {
        total[i] += __shfl_xor_sync(0xffffffffu, total[i], 1);
        total[i] += __shfl_xor_sync(0xffffffffu, total[i], 2);
        int r = row + i * 8;
        if (r >= a.queries) {
            continue;
        }
        float reciprocal = 1.f / total[i];
#pragma unroll
        for (int column = 0; column < SIZE / 8; column++) {
            T *to = head.out + (long long)r * a.outStride + column * 8 + lane % 4 * 2;
            *(unsigned *)to = packed<T>(sum[column][2 * i] * reciprocal, sum[column][2 * i + 1] * reciprocal);
        }
    }
}

/**
 * The VAE's one head of 512 on tensor cores. A block takes 32 queries and computes with eight warps: the scores, each warp for
 * 16 queries over a quarter of the channels, added up in shared memory; then the sums, each warp for 64 channels of all queries.
 * Keys and values come in tiles of TILE, values while the scores are computed, the next keys while values are summed.
 * Grid: queries / 32, heads, images; block: 8 warps; dynamic shared memory: see bytes.
 */
template <class T, int TILE> struct AttentionOf512 {
    static constexpr int SIZE = 512, QUERIES = 32, THREADS = 256, QUARTER = SIZE / 4, COLUMNS = TILE / 8;
    static constexpr int SCORE_STRIDE = TILE + 1;
    static constexpr int WEIGHT_STRIDE = TILE + 8; // keeps rows 16 bytes aligned and in different banks

    struct Memory {
        T keys[TILE * SIZE];
        T values[TILE * SIZE];
        T weights[QUERIES * WEIGHT_STRIDE];
        float scores[4][QUERIES * SCORE_STRIDE];
        float rescale[QUERIES];
    };

    static __device__ void run(const AttentionArgs &a) {
        DYNAMIC_SHARED(memory)
        Memory &shared = *(Memory *)memory;
        int lane = threadIdx.x % 32;
        int warp = threadIdx.x / 32;
        int first = blockIdx.x * QUERIES;
        Head<T> head(a, blockIdx.z, blockIdx.y);
        copyRows<T, TILE, SIZE, THREADS>(shared.keys, head.k, a.kStride, 0, a.keys);
        commitCopies();

        int quarter = warp / 2;
        int half = warp % 2 * 16; // queries whose scores this warp computes
        unsigned q[QUARTER / 16][4];
#pragma unroll
        for (int step = 0; step < QUARTER / 16; step++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int r = min(first + half + lane / 4 + i % 2 * 8, a.queries - 1);
                int channel = quarter * QUARTER + step * 16 + i / 2 * 8 + lane % 4 * 2;
                q[step][i] = *(const unsigned *)(head.q + (long long)r * a.qStride + channel);
            }
        }
        float sum[2][8][4] = {}; // 32 queries by this warp's 64 channels
        float largest = NEVER; // of query threadIdx.x / 8, which eight neighbouring threads share
        float total = 0.f;
        for (int tile = 0; tile * TILE < a.keys; tile++) {
            copyRows<T, TILE, SIZE, THREADS>(shared.values, head.v, a.vStride, tile * TILE, a.keys);
            commitCopies();
            awaitCopies<1>();
            __syncthreads();
            multiplyKeys(shared, q, quarter, half, lane);
            __syncthreads();
            if ((tile + 1) * TILE < a.keys) {
                copyRows<T, TILE, SIZE, THREADS>(shared.keys, head.k, a.kStride, (tile + 1) * TILE, a.keys);
            }
            commitCopies();
            weigh(shared, a, tile * TILE, largest, total);
            awaitCopies<1>();
            __syncthreads();
            addValues(shared, sum, warp, lane);
            __syncthreads();
        }
        write(shared, a, head, first, sum, total, warp, lane);
    }

    static __device__ __forceinline__ void multiplyKeys(
        Memory &shared, const unsigned (&q)[QUARTER / 16][4], int quarter, int half, int lane) {
        float score[COLUMNS][4] = {};
#pragma unroll
        for (int step = 0; step < QUARTER / 16; step += 2) {
#pragma unroll
            for (int column = 0; column < COLUMNS; column++) {
                unsigned k[4];
                int chunk = quarter * (QUARTER / 8) + step * 2 + lane / 8;
                loadMatrices(k, shared.keys + swizzled<SIZE / 8>(column * 8 + lane % 8, chunk));
                multiply<T>(score[column], q[step], k[0], k[1]);
                multiply<T>(score[column], q[step + 1], k[2], k[3]);
            }
        }
#pragma unroll
        for (int column = 0; column < COLUMNS; column++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int r = half + lane / 4 + i / 2 * 8;
                shared.scores[quarter][r * SCORE_STRIDE + column * 8 + lane % 4 * 2 + i % 2] = score[column][i];
            }
        }
    }

    /** From scores to weights; eight threads share a query. */
    static __device__ __forceinline__ void weigh(
        Memory &shared, const AttentionArgs &a, int firstKey, float &largest, float &total) {
        int r = threadIdx.x / 8;
        float score[COLUMNS];
        float before = largest;
#pragma unroll
        for (int i = 0; i < COLUMNS; i++) {
            int key = i * 8 + threadIdx.x % 8;
            int at = r * SCORE_STRIDE + key;
            float s = shared.scores[0][at] + shared.scores[1][at] + shared.scores[2][at] + shared.scores[3][at];
            score[i] = firstKey + key < a.keys ? s * a.scale : NEVER;
            largest = fmaxf(largest, score[i]);
        }
#pragma unroll
        for (int lanes = 4; lanes > 0; lanes >>= 1) {
            largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, lanes));
        }
        float rescale = exp2f(before - largest);
        total *= rescale;
#pragma unroll
        for (int i = 0; i < COLUMNS; i++) {
            float weight = exp2f(score[i] - largest);
            total += weight;
            shared.weights[r * WEIGHT_STRIDE + i * 8 + threadIdx.x % 8] = fromFloat<T>(weight);
        }
        if (threadIdx.x % 8 == 0) {
            shared.rescale[r] = rescale;
        }
    }

    static __device__ __forceinline__ void addValues(Memory &shared, float (&sum)[2][8][4], int warp, int lane) {
#pragma unroll
        for (int m = 0; m < 2; m++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                float rescale = shared.rescale[m * 16 + lane / 4 + i / 2 * 8];
#pragma unroll
                for (int column = 0; column < 8; column++) {
                    sum[m][column][i] *= rescale;
                }
            }
        }
#pragma unroll
        for (int step = 0; step < TILE / 16; step++) {
            unsigned weights[2][4];
#pragma unroll
            for (int m = 0; m < 2; m++) {
                loadMatrices(weights[m],
                             shared.weights + (m * 16 + lane % 16) * WEIGHT_STRIDE + step * 16 + lane / 16 * 8);
            }
#pragma unroll
            for (int column = 0; column < 8; column += 2) {
                unsigned v[4];
                int chunk = warp * 8 + column + lane / 16;
                loadTransposed(v, shared.values + swizzled<SIZE / 8>(step * 16 + lane % 16, chunk));
#pragma unroll
                for (int m = 0; m < 2; m++) {
                    multiply<T>(sum[m][column], weights[m], v[0], v[1]);
                    multiply<T>(sum[m][column + 1], weights[m], v[2], v[3]);
                }
            }
        }
    }

    static __device__ __forceinline__ void write(
        Memory &shared, const AttentionArgs &a, Head<T> &head, int first, float (&sum)[2][8][4], float total, int warp,
        int lane) {
#pragma unroll
        for (int lanes = 4; lanes > 0; lanes >>= 1) {
            total += __shfl_xor_sync(0xffffffffu, total, lanes);
        }
        if (threadIdx.x % 8 == 0) {
            shared.rescale[threadIdx.x / 8] = 1.f / total;
        }
        __syncthreads();
#pragma unroll
        for (int m = 0; m < 2; m++) {
#pragma unroll
            for (int i = 0; i < 2; i++) {
                int r = m * 16 + lane / 4 + i * 8;
                if (first + r >= a.queries) {
                    continue;
                }
                float reciprocal = shared.rescale[r];
#pragma unroll
                for (int column = 0; column < 8; column++) {
                    T *to = head.out + (long long)(first + r) * a.outStride + warp * 64 + column * 8 + lane % 4 * 2;
                    float *values = sum[m][column] + 2 * i;
                    *(unsigned *)to = packed<T>(values[0] * reciprocal, values[1] * reciprocal);
                }
            }
        }
    }
};

// Tiles of 16 fit the shared memory of every device; tiles of 32 that of compute capability 8.0 and newer.
#define TENSOR_CORE_ENTRIES(suffix, T)                                                                                 \
    extern "C" __global__ void __launch_bounds__(128) attention_64_##suffix(AttentionArgs a) { attentionOf64<T>(a); } \
    extern "C" __global__ void __launch_bounds__(256) attention_512_16_##suffix(AttentionArgs a) {                     \
        AttentionOf512<T, 16>::run(a);                                                                                 \
    }                                                                                                                  \
    extern "C" __global__ void __launch_bounds__(256) attention_512_32_##suffix(AttentionArgs a) {                     \
        AttentionOf512<T, 32>::run(a);                                                                                 \
    }
TENSOR_CORE_ENTRIES(f16, half_t)
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
TENSOR_CORE_ENTRIES(bf16, bfloat_t)
#endif
