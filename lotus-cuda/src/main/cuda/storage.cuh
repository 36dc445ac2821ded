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

/** Values in 16 bytes: what a thread moves at once where everything is aligned to it. */
template <class T> constexpr int WIDE = 16 / sizeof(T);

template <class T, int V> __device__ __forceinline__ Pack<T, V> load(const T *from) {
    return *reinterpret_cast<const Pack<T, V> *>(from);
}

template <class T, int V> __device__ __forceinline__ void store(T *to, const Pack<T, V> &values) {
    *reinterpret_cast<Pack<T, V> *>(to) = values;
}

/** ops.Activation, by ordinal. */
enum Activation { NONE, SILU, GELU, QUICK_GELU };

__device__ __forceinline__ float gelu(float x) { return 0.5f * x * (1.f + erff(x * 0.70710678118654752f)); }

/** x · sigmoid(slope · x); where the result is rounded to 16 bits, by the fast exponential and division. */
template <class T> __device__ __forceinline__ float swish(float x, float slope) {
    return __fdividef(x, 1.f + __expf(-slope * x));
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

/** The same; where everything is aligned to 16 bytes (wide != 0), a thread moves that much at once. */
#define WIDE_ENTRY_OF(name, suffix, T, body, Args)                                                                     \
    extern "C" __global__ void __launch_bounds__(256, 2) name##_##suffix(Args a) {                                     \
        a.wide ? body<T, WIDE<T>>(a) : body<T, 1>(a);                                                                  \
    }
#define WIDE_ENTRY(name, body, Args)                                                                                   \
    WIDE_ENTRY_OF(name, f16, half_t, body, Args)                                                                       \
    IF_BFLOAT(WIDE_ENTRY_OF(name, bf16, bfloat_t, body, Args))                                                         \
    WIDE_ENTRY_OF(name, f32, float, body, Args)
