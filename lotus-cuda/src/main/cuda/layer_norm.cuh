// Layer normalisation (Ba et al. 2016) of the view that an operator reads.
#pragma once
#include "view.cuh"
#include "warp.cuh"

struct LayerNormArgs {
    View view;
    const float *weight; // [channels]
    const float *bias;
    Written to;
    int images;
    int activation;
    float eps;
    int wide;
};

constexpr int HELD = 5; // packs of a pixel that a lane keeps in registers: 1280 channels of 16 bits

/** Each pack of a lane, up to so many channels; those that are not held are read again. */
template <class T, int V, class F>
__device__ __forceinline__ void eachHeld(const View &view, int pixel, int channels, const Pack<T, V> (&held)[HELD], F body) {
#pragma unroll
    for (int j = 0; j < HELD; j++) {
        int c = (j * 32 + threadIdx.x) * V;
        if (c < channels) {
            body(held[j], c);
        }
    }
#pragma unroll 1
    for (int c = (HELD * 32 + threadIdx.x) * V; c < channels; c += 32 * V) {
        body(channelsOf<T, V>(view, pixel, c < view.channels ? c : 0), c);
    }
}

/** Normalises each pixel over its channels and writes it out; a warp takes a pixel. Block: 32 lanes, pixels. */
template <class T, int V> __device__ void layerNorm(const LayerNormArgs &a) {
    int pixels = a.to.height * a.to.width;
    int sources = a.view.sourceHeight * a.view.sourceWidth;
    int channels = a.view.channels;
    for (int p = blockIdx.x * blockDim.y + threadIdx.y; p < a.images * pixels; p += gridDim.x * blockDim.y) {
        int image = p / pixels;
        int within = sourceOf(a.view, a.to, p - image * pixels);
        bool border = within < 0; // the same for the whole warp, whose lanes have shuffles in common
        int source = image * sources + (border ? 0 : within);
        Pack<T, V> held[HELD];
#pragma unroll
        for (int j = 0; j < HELD; j++) {
            int c = (j * 32 + threadIdx.x) * V;
            if (c < channels) {
                held[j] = channelsOf<T, V>(a.view, source, c);
            }
        }
        float base = channelOf<T>(a.view, source, 0);
        float sum = 0.f;
        eachHeld<T, V>(a.view, source, channels, held, [&](const Pack<T, V> &x, int) {
#pragma unroll
            for (int i = 0; i < V; i++) {
                sum += toFloat(x.at[i]) - base;
            }
        });
        float offset = sumAcrossWarp(sum) / channels;
        float squares = 0.f;
        eachHeld<T, V>(a.view, source, channels, held, [&](const Pack<T, V> &x, int) {
#pragma unroll
            for (int i = 0; i < V; i++) {
                float difference = toFloat(x.at[i]) - base - offset;
                squares += difference * difference;
            }
        });
        float reciprocal = rsqrtf(sumAcrossWarp(squares) / channels + a.eps);
        T *out = (T *)a.to.out + (long long)p * a.to.stride;
        eachHeld<T, V>(a.view, source, a.to.channels, held, [&](const Pack<T, V> &x, int c) {
            Pack<T, V> values = {};
            if (!border && c < channels) {
                Pack<float, V> weight = load<float, V>(a.weight + c);
                Pack<float, V> bias = load<float, V>(a.bias + c);
#pragma unroll
                for (int i = 0; i < V; i++) {
                    float y = (toFloat(x.at[i]) - base - offset) * reciprocal * weight.at[i] + bias.at[i];
                    values.at[i] = fromFloat<T>(activate<T>(y, a.activation));
                }
            }
            store<T, V>(out + c, values);
        });
    }
}
WIDE_ENTRY(layer_norm, layerNorm, LayerNormArgs)
