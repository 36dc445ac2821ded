// Rows of keys and values in shared memory, as tensor cores read them.
#pragma once
#include "mma.cuh"

/** Where 16-byte chunk c of a row of shared memory lies: shifted by the row, so that eight rows' chunks lie in all banks. */
template <int CHUNKS> __device__ __forceinline__ int swizzled(int row, int chunk) {
    return (row * CHUNKS + (chunk ^ (row & 7))) * 8;
}

/**
 * Begins to copy rows of SIZE values, from row first on, into swizzled shared memory; zeros beyond the last.
 */
template <class T, int ROWS, int SIZE, int THREADS>
__device__ __forceinline__ void copyRows(T *to, const T *from, int stride, int first, int rows) {
    constexpr int CHUNKS = SIZE / 8;
#pragma unroll
    for (int i = threadIdx.x; i < ROWS * CHUNKS; i += THREADS) {
        int row = i / CHUNKS;
        int chunk = i % CHUNKS;
        bool present = first + row < rows;
        const T *source = from + (long long)(present ? first + row : 0) * stride + chunk * 8;
        copyAsync<16>(to + swizzled<CHUNKS>(row, chunk), source, present);
    }
}
