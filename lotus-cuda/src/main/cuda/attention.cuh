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
IF_BFLOAT(extern "C" __global__ void __launch_bounds__(128) attention_bf16(AttentionArgs a) { attentionOfAnySize<bfloat_t>(a); })
