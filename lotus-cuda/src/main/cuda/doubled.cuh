// A 3×3 convolution of an image that is seen at twice its size, by nearest neighbour. Of the three rows that an output row reads,
// two are one row of the image, whose weights can be added first; so rows of either parity are a convolution with two rows of
// weights, and with the columns there are four of 2×2: 16 products where there were 36. They are computed as one with four times
// the outputs, of the image with a border of one zero, in which row y holds row 2y - parity of the result.
#pragma once
#include "elementwise.cuh"

struct DoubleWeightsArgs {
    const void *in; // [outputs, 3, 3, inputs]
    const void *bias; // [outputs]
    void *out; // [4, outputs, 2, 2, inputs]: parities of row and column in front
    void *biases; // [4, outputs]
    int outputs;
    int inputs; // which fill packs of 16 bytes
};

/** Which of three weights fall on the first (tap 0) or second of two neighbours, for outputs of one parity. */
__device__ __forceinline__ bool fallsOn(int weight, int parity, int tap) {
    return (parity == 0 ? weight > 0 : weight > 1) == (tap > 0);
}

template <class T> __device__ void doubleWeights(const DoubleWeightsArgs &a) {
    constexpr int V = 16 / sizeof(T);
    eachPack<V>(a.outputs, a.inputs, [&](long long output, int c) {
        Pack<T, V> weights[9];
#pragma unroll
        for (int i = 0; i < 9; i++) {
            weights[i] = load<T, V>((const T *)a.in + (output * 9 + i) * a.inputs + c);
        }
#pragma unroll
        for (int to = 0; to < 16; to++) { // parity of row, of column, tap of row, of column
            float sum[V] = {};
#pragma unroll
            for (int i = 0; i < 9; i++) {
                if (fallsOn(i / 3, to / 8, to / 2 % 2) && fallsOn(i % 3, to / 4 % 2, to % 2)) {
#pragma unroll
                    for (int v = 0; v < V; v++) {
                        sum[v] += toFloat(weights[i].at[v]);
                    }
                }
            }
            Pack<T, V> rounded;
#pragma unroll
            for (int v = 0; v < V; v++) {
                rounded.at[v] = fromFloat<T>(sum[v]);
            }
            long long row = ((long long)(to / 4) * a.outputs + output) * 4 + to % 4;
            store<T, V>((T *)a.out + row * a.inputs + c, rounded);
        }
        if (c == 0) {
            for (int parity = 0; parity < 4; parity++) {
                ((T *)a.biases)[(long long)parity * a.outputs + output] = ((const T *)a.bias)[output];
            }
        }
    });
}
ENTRY(double_weights, doubleWeights, DoubleWeightsArgs)

struct InterleaveArgs {
    const void *in; // [images, height + 1, width + 1, 4, outputs]
    const void *residual; // or null; may be out
    void *out; // [images, 2 · height, 2 · width, channels]
    long long pixels; // of out
    int height;
    int width;
    int outputs;
    int residualStride;
    int outStride;
    int channels;
    int wide;
};

/** Each pixel from the place and the outputs of its parity, plus the residual. */
template <class T, int V> __device__ void interleave(const InterleaveArgs &a) {
    eachPack<V>(a.pixels, a.channels, [&](long long pixel, int c) {
        unsigned row = (unsigned)pixel / (2 * a.width);
        int column = (int)((unsigned)pixel - row * (2 * a.width));
        int image = row / (2 * a.height);
        int line = row - image * (2 * a.height);
        int parity = line % 2 * 2 + column % 2;
        long long from = ((long long)image * (a.height + 1) + (line + 1) / 2) * (a.width + 1) + (column + 1) / 2;
        Pack<T, V> x = load<T, V>((const T *)a.in + (from * 4 + parity) * a.outputs + c);
        if (a.residual != nullptr) {
            Pack<T, V> residual = load<T, V>((const T *)a.residual + pixel * a.residualStride + c);
#pragma unroll
            for (int i = 0; i < V; i++) {
                x.at[i] = fromFloat<T>(toFloat(x.at[i]) + toFloat(residual.at[i]));
            }
        }
        store<T, V>((T *)a.out + pixel * a.outStride + c, x);
    });
}
WIDE_ENTRY(interleave, interleave, InterleaveArgs)
