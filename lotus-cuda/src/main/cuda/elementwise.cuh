// What is done to each value by itself: epilogues, GEGLU, sums, draws, conversions.
#pragma once
#include "storage.cuh"

/** Each (pixel, pack of channels) of a tensor, over the whole grid. */
template <int V, class F> __device__ __forceinline__ void eachPack(long long pixels, int channels, F body) {
    unsigned packs = channels / V;
    long long items = pixels * packs;
    unsigned step = gridDim.x * blockDim.x;
    if (items < (1LL << 31)) { // divisions of 64 bits are slow
        for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < items; i += step) {
            unsigned pixel = i / packs;
            body((long long)pixel, (int)(i - pixel * packs) * V);
        }
        return;
    }
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < items; i += step) {
        long long pixel = i / packs;
        body(pixel, (int)(i - pixel * packs) * V);
    }
}

struct EpilogueArgs {
    const void *in;
    const float *bias; // [channels], or null
    const void *shift; // [channels], or null
    const void *residual; // or null; may be out
    void *out; // may be in
    long long pixels;
    int inStride;
    int residualStride;
    int outStride;
    int channels;
    int wide;
};

/** out = in + bias + shift + residual */
template <class T, int V> __device__ void epilogue(const EpilogueArgs &a) {
    eachPack<V>(a.pixels, a.channels, [&](long long pixel, int c) {
        Pack<T, V> x = load<T, V>((const T *)a.in + pixel * a.inStride + c);
        Pack<T, V> residual;
        if (a.residual != nullptr) {
            residual = load<T, V>((const T *)a.residual + pixel * a.residualStride + c);
        }
#pragma unroll
        for (int i = 0; i < V; i++) {
            float sum = toFloat(x.at[i]);
            sum += a.bias == nullptr ? 0.f : a.bias[c + i];
            sum += a.shift == nullptr ? 0.f : toFloat(((const T *)a.shift)[c + i]);
            sum += a.residual == nullptr ? 0.f : toFloat(residual.at[i]);
            x.at[i] = fromFloat<T>(sum);
        }
        store<T, V>((T *)a.out + pixel * a.outStride + c, x);
    });
}
WIDE_ENTRY(epilogue, epilogue, EpilogueArgs)

struct GegluArgs {
    const void *in; // [pixels, 2 · channels]: values, then gates
    const float *bias; // [2 · channels]
    void *out;
    long long pixels;
    int inStride;
    int outStride;
    int channels;
    int wide;
};

/** out = value · gelu(gate). Shazeer 2020. */
template <class T, int V> __device__ void geglu(const GegluArgs &a) {
    eachPack<V>(a.pixels, a.channels, [&](long long pixel, int c) {
        const T *row = (const T *)a.in + pixel * a.inStride + c;
        Pack<T, V> value = load<T, V>(row);
        Pack<T, V> gate = load<T, V>(row + a.channels);
#pragma unroll
        for (int i = 0; i < V; i++) {
            float v = toFloat(value.at[i]) + a.bias[c + i];
            float g = toFloat(gate.at[i]) + a.bias[a.channels + c + i];
            value.at[i] = fromFloat<T>(v * gelu(g));
        }
        store<T, V>((T *)a.out + pixel * a.outStride + c, value);
    });
}
WIDE_ENTRY(geglu, geglu, GegluArgs)

struct CombineArgs {
    const void *a;
    const void *b;
    void *out; // may be a or b
    long long pixels;
    int aStride;
    int bStride;
    int outStride;
    int channels;
    float alpha;
    float beta; // where 0, b is not read
    int wide;
};

/** out = alpha · a + beta · b */
template <class T, int V> __device__ void combine(const CombineArgs &a) {
    eachPack<V>(a.pixels, a.channels, [&](long long pixel, int c) {
        Pack<T, V> x = load<T, V>((const T *)a.a + pixel * a.aStride + c);
        Pack<T, V> y = a.beta == 0.f ? x : load<T, V>((const T *)a.b + pixel * a.bStride + c);
#pragma unroll
        for (int i = 0; i < V; i++) {
            float sum = a.alpha * toFloat(x.at[i]);
            sum += a.beta == 0.f ? 0.f : a.beta * toFloat(y.at[i]);
            x.at[i] = fromFloat<T>(sum);
        }
        store<T, V>((T *)a.out + pixel * a.outStride + c, x);
    });
}
WIDE_ENTRY(combine, combine, CombineArgs)

struct SampleArgs {
    const void *mean;
    const void *logvar;
    const void *noise;
    void *out;
    long long pixels;
    int meanStride;
    int logvarStride;
    int noiseStride;
    int outStride;
    int channels;
    float scale;
};

/** out = scale · (mean + exp(clamp(logvar, -30, 20) / 2) · noise); of latents, which are small */
template <class T> __device__ void sample(const SampleArgs &a) {
    eachPack<1>(a.pixels, a.channels, [&](long long pixel, int c) {
        float mean = toFloat(((const T *)a.mean)[pixel * a.meanStride + c]);
        float logvar = toFloat(((const T *)a.logvar)[pixel * a.logvarStride + c]);
        float noise = toFloat(((const T *)a.noise)[pixel * a.noiseStride + c]);
        float deviation = expf(0.5f * fminf(fmaxf(logvar, -30.f), 20.f));
        ((T *)a.out)[pixel * a.outStride + c] = fromFloat<T>(a.scale * (mean + deviation * noise));
    });
}
ENTRY(sample, sample, SampleArgs)

struct ConvertArgs {
    const void *in;
    void *out;
    long long pixels;
    int inStride;
    int outStride;
    int channels;
};

/** From floats to the storage type. */
template <class T> __device__ void fromFloats(const ConvertArgs &a) {
    eachPack<1>(a.pixels, a.channels, [&](long long pixel, int c) {
        ((T *)a.out)[pixel * a.outStride + c] = fromFloat<T>(((const float *)a.in)[pixel * a.inStride + c]);
    });
}
ENTRY(from_floats, fromFloats, ConvertArgs)

/** From the storage type to floats. */
template <class T> __device__ void toFloats(const ConvertArgs &a) {
    eachPack<1>(a.pixels, a.channels, [&](long long pixel, int c) {
        ((float *)a.out)[pixel * a.outStride + c] = toFloat(((const T *)a.in)[pixel * a.inStride + c]);
    });
}
ENTRY(to_floats, toFloats, ConvertArgs)

/** Types of a checkpoint's numbers. */
enum Stored { STORED_F32, STORED_F16, STORED_BF16 };

struct PackWeightsArgs {
    const void *in; // [outputs, inputs, taps]
    void *out; // [outputs, taps, outInputs]
    int outputs;
    int inputs;
    int taps; // pixels of a kernel
    int outInputs; // those beyond the inputs are zero
    int type;
};

__device__ __forceinline__ float storedValue(const void *in, long long at, int type) {
    switch (type) {
    case STORED_F16: return toFloat(((const half_t *)in)[at]);
    case STORED_BF16: return toFloat(((const bfloat_t *)in)[at]);
    default: return ((const float *)in)[at];
    }
}

/** From a checkpoint's order of weights to channels last. */
template <class T> __device__ void packWeights(const PackWeightsArgs &a) {
    eachPack<1>((long long)a.outputs * a.taps, a.outInputs, [&](long long row, int c) {
        long long output = row / a.taps;
        int tap = (int)(row - output * a.taps);
        float value = c < a.inputs ? storedValue(a.in, (output * a.inputs + c) * a.taps + tap, a.type) : 0.f;
        ((T *)a.out)[row * a.outInputs + c] = fromFloat<T>(value);
    });
}
ENTRY(pack_weights, packWeights, PackWeightsArgs)
