// Elements of the storage types, by the numbers of CUDA's or cuDNN's enumerations.
#pragma once
#include "cuda_bf16.h"
#include "cuda_fp16.h"
#include <vector>

enum class Storage { F32, F16, BF16, NONE };

inline size_t sizeOf(Storage type) { return type == Storage::F32 ? 4 : 2; }

inline float get(const void *from, size_t index, Storage type) {
    switch (type) {
    case Storage::F16: return __half2float(static_cast<const __half *>(from)[index]);
    case Storage::BF16: return __bfloat162float(static_cast<const __nv_bfloat16 *>(from)[index]);
    default: return static_cast<const float *>(from)[index];
    }
}

inline void put(void *to, size_t index, Storage type, float value) {
    switch (type) {
    case Storage::F16: static_cast<__half *>(to)[index] = __float2half_rn(value); break;
    case Storage::BF16: static_cast<__nv_bfloat16 *>(to)[index] = __float2bfloat16_rn(value); break;
    default: static_cast<float *>(to)[index] = value;
    }
}

inline float dot(const float *a, const float *b, size_t length) {
    float sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}
