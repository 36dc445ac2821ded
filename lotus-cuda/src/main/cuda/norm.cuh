// Normalisations: statistics over groups of channels (Wu and He 2018), whole layers (Ba et al. 2016), and the view that an
// operator reads through them.
#pragma once
#include "view.cuh"
#include "warp.cuh"

/**
 * Count, mean and sum of squared differences from it, of some values. The mean is base + offset, so that it stays exact where it
 * is large beside the deviation.
 */
struct Moments {
    float base;
    float offset;
    float squares;
    float count;
};

/** Chan et al. 1979. */
__device__ __forceinline__ Moments merged(Moments a, Moments b) {
    if (a.count == 0.f) {
        return b;
    }
    if (b.count == 0.f) {
        return a;
    }
    float count = a.count + b.count;
    float share = b.count / count;
    float delta = (b.base - a.base) + (b.offset - a.offset);
    float offset = a.offset + delta * share;
    float base = a.base + offset;
    return {base, offset - (base - a.base), a.squares + b.squares + delta * delta * a.count * share, count};
}

__device__ __forceinline__ Moments mergedAcrossWarp(Moments a) {
    for (int lanes = 16; lanes > 0; lanes >>= 1) {
        Moments b = {
            __shfl_xor_sync(0xffffffffu, a.base, lanes),
            __shfl_xor_sync(0xffffffffu, a.offset, lanes),
            __shfl_xor_sync(0xffffffffu, a.squares, lanes),
            __shfl_xor_sync(0xffffffffu, a.count, lanes),
        };
        a = merged(a, b);
    }
    return a;
}

struct GroupStatisticsArgs {
    View view; // at its source's size
    Moments *partial; // [images, blocks, channels]
    int pixelsPerBlock;
    int wide;
};

/** Moments of each channel over a block's pixels. Grid: pixels, images, channels; block: channels, pixels. */
template <class T, int V> __device__ void groupStatistics(const GroupStatisticsArgs &a) {
    constexpr int BATCH = 4; // pixels in flight
    constexpr int STRIDE = 257; // between a thread's channels: threads' values lie in different banks, and so do channels'
    __shared__ Moments found[STRIDE * V];
    int pixels = a.view.sourceHeight * a.view.sourceWidth;
    int c = (blockIdx.z * blockDim.x + threadIdx.x) * V;
    bool active = c < a.view.channels;
    int end = min((int)(blockIdx.x + 1) * a.pixelsPerBlock, pixels);
    long long image = (long long)blockIdx.y * pixels;
    float base[V], offset[V], squares[V];
    float count = 0.f;
    for (int i = 0; i < V; i++) {
        base[i] = offset[i] = squares[i] = 0.f;
    }
    for (int p = blockIdx.x * a.pixelsPerBlock + threadIdx.y; active && p < end; p += BATCH * blockDim.y) {
        Pack<T, V> x[BATCH];
        int taken = 0;
#pragma unroll
        for (int j = 0; j < BATCH; j++) {
            int pixel = p + j * blockDim.y;
            if (pixel < end) {
                x[j] = channelsOf<T, V>(a.view, image + pixel, c);
                taken = j + 1;
            }
        }
        float share = taken / (count + taken);
#pragma unroll
        for (int i = 0; i < V; i++) {
            if (count == 0.f) {
                base[i] = toFloat(x[0].at[i]);
            }
            float difference[BATCH];
            float sum = 0.f;
#pragma unroll
            for (int j = 0; j < BATCH; j++) {
                difference[j] = j < taken ? toFloat(x[j].at[i]) - base[i] : 0.f;
                sum += difference[j];
            }
            float mean = sum / taken;
            float around = 0.f;
#pragma unroll
            for (int j = 0; j < BATCH; j++) {
                float d = j < taken ? difference[j] - mean : 0.f;
                around += d * d;
            }
            float delta = mean - offset[i];
            offset[i] += delta * share;
            squares[i] += around + delta * delta * count * share;
        }
        count += taken;
    }
    int thread = threadIdx.y * blockDim.x + threadIdx.x;
    for (int i = 0; i < V; i++) {
        found[i * STRIDE + thread] = {base[i], offset[i], squares[i], count};
    }
    __syncthreads();
    int row = blockDim.x * V;
    for (int i = thread; i < row; i += blockDim.x * blockDim.y) {
        const Moments *moments = found + i % V * STRIDE + i / V;
        Moments sum = moments[0];
        for (int y = 1; y < (int)blockDim.y; y++) {
            sum = merged(sum, moments[y * blockDim.x]);
        }
        int channel = blockIdx.z * row + i;
        if (channel < a.view.channels) {
            a.partial[((long long)blockIdx.y * gridDim.x + blockIdx.x) * a.view.channels + channel] = sum;
        }
    }
}
WIDE_ENTRY(group_statistics, groupStatistics, GroupStatisticsArgs)

/** A group's mean, as base + offset, and the reciprocal of its deviation. */
struct GroupScale {
    float base;
    float offset;
    float reciprocal;
    float unused;
};

struct GroupFinishArgs {
    const Moments *partial; // [images, blocks, channels]
    GroupScale *scales; // [images, groups]
    int blocks;
    int channels;
    int groups;
    float eps;
};

/** Merges a group's channels and blocks. Grid: groups, images; block: up to 256 threads. */
extern "C" __global__ void __launch_bounds__(256) group_finish(GroupFinishArgs a) {
    __shared__ Moments found[8];
    int size = a.channels / a.groups;
    const Moments *image = a.partial + (long long)blockIdx.y * a.blocks * a.channels + blockIdx.x * size;
    Moments sum = {0.f, 0.f, 0.f, 0.f};
    for (int i = threadIdx.x; i < a.blocks * size; i += blockDim.x) {
        sum = merged(sum, image[(long long)(i / size) * a.channels + i % size]);
    }
    sum = mergedAcrossWarp(sum);
    if (threadIdx.x % 32 == 0) {
        found[threadIdx.x / 32] = sum;
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        for (int i = 1; i < (int)blockDim.x / 32; i++) {
            sum = merged(sum, found[i]);
        }
        float reciprocal = rsqrtf(sum.squares / sum.count + a.eps);
        a.scales[blockIdx.y * a.groups + blockIdx.x] = {sum.base, sum.offset, reciprocal, 0.f};
    }
}

struct WriteViewArgs {
    View view;
    const GroupScale *scales; // [images, groups], or null where nothing is normalised
    const float *weight; // [channels], of the normalisation
    const float *bias;
    Written to;
    int groups;
    int activation;
    int wide;
};

/** Writes a view out. Grid: pixels, images; block: channels, pixels. */
template <class T, int V> __device__ void writeView(const WriteViewArgs &a) {
    int pixels = a.to.height * a.to.width;
    int sources = a.view.sourceHeight * a.view.sourceWidth;
    for (int c = threadIdx.x * V; c < a.to.channels; c += blockDim.x * V) {
        float base[V], scale[V], shift[V];
#pragma unroll
        for (int i = 0; i < V; i++) {
            base[i] = shift[i] = 0.f;
            scale[i] = 1.f;
            if (a.scales != nullptr && c + i < a.view.channels) {
                int size = a.view.channels / a.groups;
                GroupScale group = a.scales[blockIdx.y * a.groups + (c + i) / size];
                base[i] = group.base;
                scale[i] = group.reciprocal * a.weight[c + i];
                shift[i] = a.bias[c + i] - group.offset * scale[i];
            }
        }
        for (int p = blockIdx.x * blockDim.y + threadIdx.y; p < pixels; p += gridDim.x * blockDim.y) {
            Pack<T, V> values;
            int source = sourceOf(a.view, a.to, p);
            if (source >= 0 && c < a.view.channels) {
                Pack<T, V> x = channelsOf<T, V>(a.view, (long long)blockIdx.y * sources + source, c);
#pragma unroll
                for (int i = 0; i < V; i++) {
                    float y = (toFloat(x.at[i]) - base[i]) * scale[i] + shift[i];
                    values.at[i] = fromFloat<T>(activate<T>(y, a.activation));
                }
            } else {
#pragma unroll
                for (int i = 0; i < V; i++) {
                    values.at[i] = fromFloat<T>(0.f);
                }
            }
            store<T, V>((T *)a.to.out + ((long long)blockIdx.y * pixels + p) * a.to.stride + c, values);
        }
    }
}
WIDE_ENTRY(write_view, writeView, WriteViewArgs)

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
        float base = channelOf<T>(a.view, source, 0);
        float sum = 0.f;
#pragma unroll 1 // more in flight would not fit the registers
        for (int c = threadIdx.x * V; c < channels; c += 32 * V) {
            Pack<T, V> x = channelsOf<T, V>(a.view, source, c);
#pragma unroll
            for (int i = 0; i < V; i++) {
                sum += toFloat(x.at[i]) - base;
            }
        }
        float offset = sumAcrossWarp(sum) / channels;
        float squares = 0.f;
#pragma unroll 1
        for (int c = threadIdx.x * V; c < channels; c += 32 * V) {
            Pack<T, V> x = channelsOf<T, V>(a.view, source, c);
#pragma unroll
            for (int i = 0; i < V; i++) {
                float difference = toFloat(x.at[i]) - base - offset;
                squares += difference * difference;
            }
        }
        float reciprocal = rsqrtf(sumAcrossWarp(squares) / channels + a.eps);
        T *out = (T *)a.to.out + (long long)p * a.to.stride;
#pragma unroll 1
        for (int c = threadIdx.x * V; c < a.to.channels; c += 32 * V) {
            Pack<T, V> values;
            Pack<T, V> x = channelsOf<T, V>(a.view, source, c < channels ? c : 0);
#pragma unroll
            for (int i = 0; i < V; i++) {
                float y = 0.f;
                if (!border && c < channels) {
                    y = (toFloat(x.at[i]) - base - offset) * reciprocal * a.weight[c + i] + a.bias[c + i];
                    y = activate<T>(y, a.activation);
                }
                values.at[i] = fromFloat<T>(y);
            }
            store<T, V>(out + c, values);
        }
    }
}
WIDE_ENTRY(layer_norm, layerNorm, LayerNormArgs)
