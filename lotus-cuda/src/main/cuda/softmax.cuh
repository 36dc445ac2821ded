// The softmax between an attention's two products, where these are cuBLAS's.
#pragma once
#include "elementwise.cuh"
#include "warp.cuh"

struct SoftmaxArgs {
    const float *scores; // [queries, keys]
    void *weights; // [queries, keys], the largest of each query 1
    float *sums; // [queries], of weights
    int keys;
    float scale; // log2(e) / sqrt(size): exponentials are powers of two
    int wide;
};

/** Each warp's value, combined over a block of 256 threads, in all of them. */
template <class F> __device__ __forceinline__ float acrossWarps(float x, float *shared, F combine) {
    if (threadIdx.x % 32 == 0) {
        shared[threadIdx.x / 32] = x;
    }
    __syncthreads();
    x = shared[0];
    for (int i = 1; i < 8; i++) {
        x = combine(x, shared[i]);
    }
    return x;
}

/** weights = exp(scale · (score - largest score)). Grid: queries; block: 256 threads. */
template <class T, int V> __device__ void softmax(const SoftmaxArgs &a) {
    __shared__ float shared[16];
    const float *scores = a.scores + (long long)blockIdx.x * a.keys;
    T *weights = (T *)a.weights + (long long)blockIdx.x * a.keys;
    float largest = scores[0];
#pragma unroll 4
    for (int k = threadIdx.x * V; k < a.keys; k += 256 * V) {
        Pack<float, V> score = load<float, V>(scores + k);
#pragma unroll
        for (int i = 0; i < V; i++) {
            largest = fmaxf(largest, score.at[i]);
        }
    }
    largest = acrossWarps(maxAcrossWarp(largest), shared, [](float x, float y) { return fmaxf(x, y); });
    float sum = 0.f;
#pragma unroll 4
    for (int k = threadIdx.x * V; k < a.keys; k += 256 * V) {
        Pack<float, V> score = load<float, V>(scores + k);
        Pack<T, V> weight;
#pragma unroll
        for (int i = 0; i < V; i++) {
            weight.at[i] = fromFloat<T>(exp2f((score.at[i] - largest) * a.scale));
            sum += toFloat(weight.at[i]); // as it is used
        }
        store<T, V>(weights + k, weight);
    }
    sum = acrossWarps(sumAcrossWarp(sum), shared + 8, [](float x, float y) { return x + y; });
    if (threadIdx.x == 0) {
        a.sums[blockIdx.x] = sum;
    }
}
NARROWER_ENTRY(softmax, softmax, SoftmaxArgs, 8)

struct DivideRowsArgs {
    const float *in; // [rows, channels]
    const float *divisors; // [rows]
    void *out;
    long long rows;
    int outStride;
    int channels;
};

/** out = in / divisor */
template <class T> __device__ void divideRows(const DivideRowsArgs &a) {
    eachPack<1>(a.rows, a.channels, [&](long long row, int c) {
        ((T *)a.out)[row * a.outStride + c] = fromFloat<T>(a.in[row * a.channels + c] / a.divisors[row]);
    });
}
ENTRY(divide_rows, divideRows, DivideRowsArgs)
