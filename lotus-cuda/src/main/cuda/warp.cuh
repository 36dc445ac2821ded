// Reductions over the 32 lanes of a warp; every lane gets the result.
#pragma once

__device__ __forceinline__ float sumAcrossWarp(float x) {
    for (int lanes = 16; lanes > 0; lanes >>= 1) {
        x += __shfl_xor_sync(0xffffffffu, x, lanes);
    }
    return x;
}

__device__ __forceinline__ float maxAcrossWarp(float x) {
    for (int lanes = 16; lanes > 0; lanes >>= 1) {
        x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, lanes));
    }
    return x;
}
