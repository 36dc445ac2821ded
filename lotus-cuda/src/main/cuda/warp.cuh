// Reductions over the 32 lanes of a warp; every lane gets the result.
#pragma once

/** Each lane's value and its partner's, combined, over half as many lanes each time. */
template <class F> __device__ __forceinline__ float acrossWarp(float x, F combine) {
#ifdef __CUDACC__
    for (int lanes = 16; lanes > 0; lanes >>= 1) {
        x = combine(x, __shfl_xor_sync(0xffffffffu, x, lanes));
    }
    return x;
#else
    return simulated::acrossWarp(x, combine); // in one exchange, since each takes the simulation longer than all the rest
#endif
}

__device__ __forceinline__ float sumAcrossWarp(float x) {
    return acrossWarp(x, [](float a, float b) { return a + b; });
}

__device__ __forceinline__ float maxAcrossWarp(float x) {
    return acrossWarp(x, [](float a, float b) { return fmaxf(a, b); });
}
