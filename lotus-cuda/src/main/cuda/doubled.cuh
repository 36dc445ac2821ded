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
    int inputs;
};

/** Which of three weights fall on the first (tap 0) or second of two neighbours, for outputs of one parity. */
struct Merged {
    int first, last;

    __device__ Merged(int parity, int tap)
        : first(parity == 0 ? tap : 2 * tap), last(parity == 0 ? 2 * tap : 1 + tap) {}
};

template <class T> __device__ void doubleWeights(const DoubleWeightsArgs &a) {
    eachPack<1>(16LL * a.outputs, a.inputs, [&](long long row, int c) {
        int tap = (int)(row % 4);
        int output = (int)(row / 4) % a.outputs;
        int parity = (int)(row / 4) / a.outputs;
        Merged rows(parity / 2, tap / 2), columns(parity % 2, tap % 2);
        const T *from = (const T *)a.in + 9LL * output * a.inputs + c;
        float sum = 0.f;
        for (int i = rows.first; i <= rows.last; i++) {
            for (int j = columns.first; j <= columns.last; j++) {
                sum += toFloat(from[(3LL * i + j) * a.inputs]);
            }
        }
        ((T *)a.out)[row * a.inputs + c] = fromFloat<T>(sum);
        if (tap == 0 && c == 0) {
            ((T *)a.biases)[row / 4] = ((const T *)a.bias)[output];
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
