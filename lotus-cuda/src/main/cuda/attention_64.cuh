// Attention with heads of 64, on tensor cores.
#pragma once
#include "attention.cuh"
#include "tiles.cuh"

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
        if (tile == tiles - 1) { // only there can keys be missing
#pragma unroll
            for (int column = 0; column < COLUMNS; column++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    bool present = tile * TILE + column * 8 + lane % 4 * 2 + i % 2 < a.keys;
                    score[column][i] = present ? score[column][i] : NEVER;
                }
            }
        }
#pragma unroll
        for (int column = 0; column < COLUMNS; column++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                largest[i / 2] = fmaxf(largest[i / 2], score[column][i]);
            }
        }
        float rescale[2], scaledLargest[2];
#pragma unroll
        for (int i = 0; i < 2; i++) { // a row is spread over four lanes
            largest[i] = fmaxf(largest[i], __shfl_xor_sync(0xffffffffu, largest[i], 1));
            largest[i] = fmaxf(largest[i], __shfl_xor_sync(0xffffffffu, largest[i], 2));
            rescale[i] = powerOfTwo((before[i] - largest[i]) * a.scale);
            total[i] *= rescale[i];
            scaledLargest[i] = largest[i] * a.scale;
        }
#pragma unroll
        for (int column = 0; column < COLUMNS; column++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                score[column][i] = powerOfTwo(score[column][i] * a.scale - scaledLargest[i / 2]);
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

extern "C" __global__ void __launch_bounds__(128) attention_64_f16(AttentionArgs a) { attentionOf64<half_t>(a); }
IF_BFLOAT(extern "C" __global__ void __launch_bounds__(128) attention_64_bf16(AttentionArgs a) { attentionOf64<bfloat_t>(a); })
