// Writes out what an operator reads, for libraries that read tensors as they lie: concatenated, resized, padded, normalised.
#pragma once
#include "group_norm.cuh"

struct WriteViewArgs {
    View view;
    const GroupScale *scales; // [images, groups], or null where nothing is normalised
    const float *weight; // [channels], of the normalisation
    const float *bias;
    Written to;
    int groups;
    int activation;
    int plain; // pixel by pixel and channel by channel as the view's source
    int wide;
};

/** What a thread does to V channels of each pixel: normalises them. */
template <class T, int V> struct Scaling {
    float base[V], scale[V], shift[V];

    __device__ Scaling(const WriteViewArgs &a, int c) {
        int size = a.view.channels / a.groups;
#pragma unroll
        for (int i = 0; i < V; i++) {
            base[i] = shift[i] = 0.f;
            scale[i] = 1.f;
            if (a.scales != nullptr && c + i < a.view.channels) {
                GroupScale group = a.scales[blockIdx.y * a.groups + (c + i) / size];
                base[i] = group.base;
                scale[i] = group.reciprocal * a.weight[c + i];
                shift[i] = a.bias[c + i] - group.offset * scale[i];
            }
        }
    }

    template <class F> __device__ __forceinline__ Pack<T, V> operator()(Pack<T, V> x, F activation) const {
#pragma unroll
        for (int i = 0; i < V; i++) {
            x.at[i] = fromFloat<T>(activation((toFloat(x.at[i]) - base[i]) * scale[i] + shift[i]));
        }
        return x;
    }
};

/** Grid: pixels, images, channels; block: channels, pixels. */
template <class T, int V> __device__ void writeView(const WriteViewArgs &a) {
    constexpr int BATCH = 8; // pixels in flight
    int c = (blockIdx.z * blockDim.x + threadIdx.x) * V;
    if (c >= a.to.channels) {
        return;
    }
    int pixels = a.to.height * a.to.width;
    int step = gridDim.x * blockDim.y;
    int begin = blockIdx.x * blockDim.y + threadIdx.y;
    long long image = (long long)blockIdx.y * a.view.sourceHeight * a.view.sourceWidth;
    T *out = (T *)a.to.out + (long long)blockIdx.y * pixels * a.to.stride + c;
    Scaling<T, V> scaling(a, c);
    if (a.plain) {
        activated<T>(a.activation, [&](auto activation) {
            for (int first = begin; first < pixels; first += BATCH * step) {
                Pack<T, V> x[BATCH];
#pragma unroll
                for (int j = 0; j < BATCH; j++) { // rather the last pixel again than a condition, which would have to be waited for
                    x[j] = channelsOf<T, V>(a.view, image + min(first + j * step, pixels - 1), c);
                }
#pragma unroll
                for (int j = 0; j < BATCH; j++) {
                    if (first + j * step < pixels) {
                        store<T, V>(out + (long long)(first + j * step) * a.to.stride, scaling(x[j], activation));
                    }
                }
            }
        });
        return;
    }
    for (int p = begin; p < pixels; p += step) {
        int source = sourceOf(a.view, a.to, p);
        Pack<T, V> x = {};
        if (source >= 0 && c < a.view.channels) {
            x = channelsOf<T, V>(a.view, image + source, c);
            x = scaling(x, [&](float y) { return activate<T>(y, a.activation); });
        }
        store<T, V>(out + (long long)p * a.to.stride, x);
    }
}
NARROWER_ENTRY(write_view, writeView, WriteViewArgs, 8)
