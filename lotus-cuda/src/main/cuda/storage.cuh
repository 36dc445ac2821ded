// How activations are stored: half, bfloat16 or float; all arithmetic is in float.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>

using half_t = __half;
using bfloat_t = __nv_bfloat16;

__device__ __forceinline__ float toFloat(float x) { return x; }
__device__ __forceinline__ float toFloat(half_t x) { return __half2float(x); }
__device__ __forceinline__ float toFloat(bfloat_t x) { return __bfloat162float(x); }

template <class T> __device__ __forceinline__ T fromFloat(float x);
template <> __device__ __forceinline__ float fromFloat<float>(float x) { return x; }
template <> __device__ __forceinline__ half_t fromFloat<half_t>(float x) { return __float2half_rn(x); }
template <> __device__ __forceinline__ bfloat_t fromFloat<bfloat_t>(float x) { return __float2bfloat16_rn(x); }

/** V neighbouring values, moved at once. */
template <class T, int V> struct alignas(sizeof(T) * V) Pack {
    T at[V];
};

template <class T, int V> __device__ __forceinline__ Pack<T, V> load(const T *from) {
    return *reinterpret_cast<const Pack<T, V> *>(from);
}

template <class T, int V> __device__ __forceinline__ void store(T *to, const Pack<T, V> &values) {
    *reinterpret_cast<Pack<T, V> *>(to) = values;
}

/** 2 to the power of x; the smallest results are 0. */
__device__ __forceinline__ float powerOfTwo(float x) {
#ifdef __CUDACC__
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
#else
    return exp2f(x);
#endif
}

/** 1 / x to the last bit but one; that of a number too large for it is 0. */
__device__ __forceinline__ float reciprocalOf(float x) {
#ifdef __CUDACC__
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
#else
    return 1.f / x;
#endif
}

/** ops.Activation, by ordinal. */
enum Activation { NONE, SILU, GELU, QUICK_GELU };

__device__ __forceinline__ float gelu(float x) { return 0.5f * x * (1.f + erff(x * 0.70710678118654752f)); }

/** x · sigmoid(slope · x); where the result is rounded to 16 bits, in five instructions. */
template <class T> __device__ __forceinline__ float swish(float x, float slope) {
    return x * reciprocalOf(1.f + powerOfTwo(-1.44269504088896341f * slope * x));
}
template <> __device__ __forceinline__ float swish<float>(float x, float slope) {
    return x / (1.f + expf(-slope * x));
}

template <class T> __device__ __forceinline__ float activate(float x, int activation) {
    switch (activation) {
    case SILU: return swish<T>(x, 1.f);
    case GELU: return gelu(x);
    case QUICK_GELU: return swish<T>(x, 1.702f);
    default: return x;
    }
}

/**
 * Calls body with a function of one value, the activation: those that most values go through are told apart here, since to do so for
 * each value takes longer than the activation itself.
 */
template <class T, class F> __device__ __forceinline__ void activated(int activation, F body) {
    if (activation == NONE) {
        body([](float x) { return x; });
    } else if (activation == SILU) {
        body([](float x) { return swish<T>(x, 1.f); });
    } else {
        body([=](float x) { return activate<T>(x, activation); });
    }
}

// Devices older than 8.0 have no arithmetic in bfloat16, so there are no kernels for it.
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
#define IF_BFLOAT(...) __VA_ARGS__
#else
#define IF_BFLOAT(...)
#endif

/** Kernels NAME_f16, NAME_bf16 and NAME_f32, each taking one struct. */
#define ENTRY_OF(name, suffix, T, body, Args)                                                                          \
    extern "C" __global__ void __launch_bounds__(256) name##_##suffix(Args a) { body<T>(a); }
#define ENTRY(name, body, Args)                                                                                        \
    ENTRY_OF(name, f16, half_t, body, Args)                                                                            \
    IF_BFLOAT(ENTRY_OF(name, bf16, bfloat_t, body, Args))                                                              \
    ENTRY_OF(name, f32, float, body, Args)

/** The same; where everything is aligned to 16 bytes (wide != 0), a thread moves that much, or BYTES, at once. */
#define WIDE_ENTRY_OF(name, suffix, T, body, Args, BYTES)                                                              \
    extern "C" __global__ void __launch_bounds__(256, 2) name##_##suffix(Args a) {                                     \
        a.wide ? body<T, BYTES / sizeof(T)>(a) : body<T, 1>(a);                                                        \
    }
#define NARROWER_ENTRY(name, body, Args, BYTES)                                                                        \
    WIDE_ENTRY_OF(name, f16, half_t, body, Args, BYTES)                                                                \
    IF_BFLOAT(WIDE_ENTRY_OF(name, bf16, bfloat_t, body, Args, BYTES))                                                  \
    WIDE_ENTRY_OF(name, f32, float, body, Args, BYTES)
#define WIDE_ENTRY(name, body, Args) NARROWER_ENTRY(name, body, Args, 16)
