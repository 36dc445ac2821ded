// Group normalisation (Wu and He 2018): in one kernel where a block can hold a group, else statistics, which write_view applies.
#pragma once
#include "mma.cuh"
#include "view.cuh"

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

/** A group's mean, as base + offset, and the reciprocal of its deviation. */
struct GroupScale {
    float base;
    float offset;
    float reciprocal;
    float unused;
};

__device__ __forceinline__ int threadOfBlock() { return threadIdx.y * blockDim.x + threadIdx.x; }

/** The moments of n parts, by a warp: first about their mean, then how they differ from that. The first part is not empty. */
template <class F> __device__ __forceinline__ Moments together(int n, F part) {
    int lane = threadOfBlock() % 32;
    float base = part(0).base;
    float count = 0.f;
    float sum = 0.f;
#pragma unroll 4
    for (int i = lane; i < n; i += 32) {
        Moments m = part(i);
        count += m.count;
        sum += m.count * ((m.base - base) + m.offset);
    }
    count = sumAcrossWarp(count);
    base += sumAcrossWarp(sum) / count; // where the first was far off, all that was measured from it is inexact
    sum = 0.f;
    float squares = 0.f;
#pragma unroll 4
    for (int i = lane; i < n; i += 32) {
        Moments m = part(i);
        float difference = (m.base - base) + m.offset;
        sum += m.count * difference;
        squares += m.squares + m.count * difference * difference;
    }
    float offset = sumAcrossWarp(sum) / count;
    return {base, offset, sumAcrossWarp(squares) - count * offset * offset, count};
}

/**
 * Of values of one thread, from their differences from one of them: however far off that one is, the squares of all are at least as
 * large, so what cancels is small beside them.
 */
__device__ __forceinline__ Moments momentsOf(float base, float sum, float squares, float count) {
    float offset = count > 0.f ? sum / count : 0.f;
    return {base, offset, fmaxf(squares - sum * offset, 0.f), count};
}

struct GroupStatisticsArgs {
    View view; // at its source's size
    Moments *partial; // [images, blocks of pixels, blocks of channels, groups]: what a block has of each group that it sees
    int groups;
    int pixelsPerBlock;
    int wide;
};

template <class T, int V>
__device__ __forceinline__ void add(const Pack<T, V> &x, const float (&base)[V], float (&sum)[V], float (&squares)[V]) {
#pragma unroll
    for (int i = 0; i < V; i++) {
        float difference = toFloat(x.at[i]) - base[i];
        sum[i] += difference;
        squares[i] += difference * difference;
    }
}

/** Moments of groups over a block's pixels and channels. Grid: pixels, images, channels; block: channels, pixels; 256 threads. */
template <class T, int V> __device__ void groupStatistics(const GroupStatisticsArgs &a) {
    constexpr int BATCH = 4; // pixels in flight
    constexpr int STRIDE = 257; // between a thread's channels: threads' values lie in different banks, and so do channels'
    __shared__ Moments found[STRIDE * V];
    int pixels = a.view.sourceHeight * a.view.sourceWidth;
    int c = (blockIdx.z * blockDim.x + threadIdx.x) * V;
    bool active = c < a.view.channels;
    int end = min((int)(blockIdx.x + 1) * a.pixelsPerBlock, pixels);
    long long image = (long long)blockIdx.y * pixels;
    int p = blockIdx.x * a.pixelsPerBlock + threadIdx.y;
    float count = active && p < end ? (end - p + blockDim.y - 1) / blockDim.y : 0;
    float base[V], sum[V], squares[V];
#pragma unroll
    for (int i = 0; i < V; i++) {
        base[i] = count > 0.f ? channelOf<T>(a.view, image + p, c + i) : 0.f;
        sum[i] = squares[i] = 0.f;
    }
    for (; active && p < end; p += BATCH * blockDim.y) {
        Pack<T, V> x[BATCH];
#pragma unroll
        for (int j = 0; j < BATCH; j++) {
            if (p + j * blockDim.y < end) {
                x[j] = channelsOf<T, V>(a.view, image + p + j * blockDim.y, c);
            }
        }
#pragma unroll
        for (int j = 0; j < BATCH; j++) {
            if (p + j * blockDim.y < end) {
                add<T, V>(x[j], base, sum, squares);
            }
        }
    }
    int thread = threadOfBlock();
#pragma unroll
    for (int i = 0; i < V; i++) {
        found[i * STRIDE + thread] = momentsOf(base[i], sum[i], squares[i], count);
    }
    __syncthreads();
    int size = a.view.channels / a.groups;
    int first = blockIdx.z * blockDim.x * V;
    int last = min(first + (int)blockDim.x * V, a.view.channels);
    Moments *partial = a.partial + (((long long)blockIdx.y * gridDim.x + blockIdx.x) * gridDim.z + blockIdx.z) * a.groups;
    for (int group = first / size + thread / 32; group * size < last; group += 8) {
        int from = max(group * size, first) - first;
        int channels = min((group + 1) * size, last) - first - from;
        Moments sum = together(channels * blockDim.y, [&](int i) {
            int y = i / channels;
            int channel = from + i - y * channels;
            return found[channel % V * STRIDE + y * blockDim.x + channel / V];
        });
        if (thread % 32 == 0) {
            partial[group] = sum;
        }
    }
}
WIDE_ENTRY(group_statistics, groupStatistics, GroupStatisticsArgs)

struct GroupFinishArgs {
    const Moments *partial; // as GroupStatisticsArgs
    GroupScale *scales; // [images, groups]
    int pixelBlocks;
    int channelBlocks;
    int channelsPerBlock;
    int size; // channels of a group
    float eps;
};

/** Puts together what blocks have found. Grid: groups, images; block: up to 256 threads, no more than there are pixel blocks. */
extern "C" __global__ void __launch_bounds__(256) group_finish(GroupFinishArgs a) {
    __shared__ Moments found[8];
    int group = blockIdx.x;
    int firstColumn = group * a.size / a.channelsPerBlock;
    int columns = ((group + 1) * a.size - 1) / a.channelsPerBlock - firstColumn + 1;
    const Moments *image = a.partial + (long long)blockIdx.y * a.pixelBlocks * a.channelBlocks * gridDim.x;
    int warp = threadIdx.x / 32;
    int warps = blockDim.x / 32;
    int parts = a.pixelBlocks * columns;
    Moments sum = together((parts - warp + warps - 1) / warps, [&](int i) {
        int part = warp + i * warps;
        int block = part / columns;
        int column = firstColumn + part - block * columns;
        return image[(long long)(block * a.channelBlocks + column) * gridDim.x + group];
    });
    if (threadIdx.x % 32 == 0) {
        found[warp] = sum;
    }
    __syncthreads();
    if (warp == 0) {
        sum = together(warps, [&](int i) { return found[i]; });
        if (threadIdx.x == 0) {
            float reciprocal = rsqrtf(sum.squares / sum.count + a.eps);
            a.scales[blockIdx.y * gridDim.x + group] = {sum.base, sum.offset, reciprocal, 0.f};
        }
    }
}

struct GroupNormArgs {
    View view;
    const float *weight; // [channels]
    const float *bias;
    Written to; // of as many channels as the view
    int activation;
    float eps;
    int packBytes; // what a thread moves at once: 16, 8 or 4
};

/** The sum over a block's threads, which are whole warps; shared: a float for each warp. */
__device__ __forceinline__ float sumAcrossBlock(float x, float *shared) {
    x = sumAcrossWarp(x);
    int thread = threadOfBlock();
    if (thread % 32 == 0) {
        shared[thread / 32] = x;
    }
    __syncthreads();
    float sum = 0.f;
    for (int i = 0; i < (int)(blockDim.x * blockDim.y) / 32; i++) {
        sum += shared[i];
    }
    return sum;
}

/**
 * Normalises one group of one image, read once into shared memory, and writes it out; a thread meets only what it has read itself,
 * always of the same channels. Grid: groups, images; block: packs of the group's channels, pixels; dynamic shared memory: 64 floats,
 * the group.
 */
template <class T, int V> __device__ void groupNorm(const GroupNormArgs &a) {
    DYNAMIC_SHARED(memory)
    float *sums = (float *)memory;
    Pack<T, V> *held = (Pack<T, V> *)(sums + 64) + threadOfBlock();
    int threads = blockDim.x * blockDim.y;
    int size = blockDim.x * V;
    int first = blockIdx.x * size;
    int c = first + threadIdx.x * V;
    int sources = a.view.sourceHeight * a.view.sourceWidth;
    long long image = (long long)blockIdx.y * sources;
    for (int p = threadIdx.y; p < sources; p += blockDim.y) {
        copyAsync<sizeof(T) * V>(held + p / blockDim.y * threads, addressOf<T>(a.view, image + p, c), true);
    }
    commitCopies();
    float base = channelOf<T>(a.view, image, first);
    awaitCopies<0>();
    int mine = (sources - (int)threadIdx.y + blockDim.y - 1) / blockDim.y; // pixels of this thread; perhaps none
    float own = mine > 0 ? toFloat(held[0].at[0]) : 0.f;
    float sum = 0.f;
    float squares = 0.f;
#pragma unroll 4
    for (int j = 0; j < mine; j++) {
        Pack<T, V> x = held[j * threads];
#pragma unroll
        for (int i = 0; i < V; i++) {
            float difference = toFloat(x.at[i]) - own;
            sum += difference;
            squares += difference * difference;
        }
    }
    Moments m = momentsOf(own, sum, squares, mine * V);
    float values = (float)sources * size;
    base += sumAcrossBlock(m.count * ((m.base - base) + m.offset), sums) / values;
    float difference = (m.base - base) + m.offset; // as in together()
    float offset = sumAcrossBlock(m.count * difference, sums + 16) / values;
    squares = sumAcrossBlock(m.squares + m.count * difference * difference, sums + 32);
    float reciprocal = rsqrtf(squares / values - offset * offset + a.eps);
    float scale[V], shift[V];
#pragma unroll
    for (int i = 0; i < V; i++) {
        scale[i] = reciprocal * a.weight[c + i];
        shift[i] = a.bias[c + i] - offset * scale[i];
    }
    T *out = (T *)a.to.out + ((long long)blockIdx.y * sources + threadIdx.y) * a.to.stride + c;
    activated<T>(a.activation, [&](auto activation) {
#pragma unroll 4
        for (int j = 0; j < mine; j++) {
            Pack<T, V> x = held[j * threads];
#pragma unroll
            for (int i = 0; i < V; i++) {
                x.at[i] = fromFloat<T>(activation((toFloat(x.at[i]) - base) * scale[i] + shift[i]));
            }
            store<T, V>(out + (long long)(j * blockDim.y) * a.to.stride, x);
        }
    });
}

#define GROUP_NORM(suffix, T)                                                                                          \
    extern "C" __global__ void __launch_bounds__(512) group_norm_##suffix(GroupNormArgs a) {                           \
        switch (a.packBytes) {                                                                                         \
        case 16: return groupNorm<T, 16 / sizeof(T)>(a);                                                               \
        case 8: return groupNorm<T, 8 / sizeof(T)>(a);                                                                 \
        default: return groupNorm<T, 4 / sizeof(T)>(a);                                                                \
        }                                                                                                              \
    }
GROUP_NORM(f16, half_t)
IF_BFLOAT(GROUP_NORM(bf16, bfloat_t))
GROUP_NORM(f32, float)
