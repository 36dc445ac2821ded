// Attention with heads of 512, on tensor cores.
#pragma once
#include "attention.cuh"
#include "tiles.cuh"

/**
 * The VAE's one head of 512 on tensor cores. A block takes 32 queries and computes with eight warps: the scores, each warp for
 * 16 queries over a quarter of the channels, added up in shared memory; then the sums, each warp for 64 channels of all queries.
 * Keys and values come in tiles of TILE, values while the scores are computed, the next keys while values are summed.
 * Grid: queries / 32, heads, images; block: 8 warps; dynamic shared memory: see bytes.
 */
template <class T, int TILE> struct AttentionOf512 {
    static constexpr int SIZE = 512, QUERIES = 32, THREADS = 256, QUARTER = SIZE / 4, COLUMNS = TILE / 8;
    static constexpr int SCORE_STRIDE = TILE + 8; // two values of a lane at once, in different banks
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
            for (int i = 0; i < 2; i++) {
                int r = half + lane / 4 + i * 8;
                Pack<float, 2> both = {score[column][2 * i], score[column][2 * i + 1]};
                store<float, 2>(&shared.scores[quarter][r * SCORE_STRIDE + column * 8 + lane % 4 * 2], both);
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
        float rescale = powerOfTwo(before - largest);
        total *= rescale;
#pragma unroll
        for (int i = 0; i < COLUMNS; i++) {
            float weight = powerOfTwo(score[i] - largest);
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
#define ATTENTION_512(suffix, T)                                                                                       \
    extern "C" __global__ void __launch_bounds__(256) attention_512_16_##suffix(AttentionArgs a) {                     \
        AttentionOf512<T, 16>::run(a);                                                                                 \
    }                                                                                                                  \
    extern "C" __global__ void __launch_bounds__(256) attention_512_32_##suffix(AttentionArgs a) {                     \
        AttentionOf512<T, 32>::run(a);                                                                                 \
    }
ATTENTION_512(f16, half_t)
IF_BFLOAT(ATTENTION_512(bf16, bfloat_t))
