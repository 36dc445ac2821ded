// Tensor cores and asynchronous copies: PTX instructions, which a simulated device stands in for.
#pragma once
#include "storage.cuh"
#include "warp.cuh"

#ifdef __CUDACC__

/** The memory that a launch gives each block beside its own variables. */
#define DYNAMIC_SHARED(name) extern __shared__ uint4 name[];

/** Four 8×8 matrices of 16-bit values from shared memory; lane i gives the address of row i % 8 of matrix i / 8. */
__device__ __forceinline__ void loadMatrices(unsigned (&to)[4], const void *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"((unsigned)__cvta_generic_to_shared(row))
                 : "memory");
}

/** The same, each matrix transposed. */
__device__ __forceinline__ void loadTransposed(unsigned (&to)[4], const void *row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"((unsigned)__cvta_generic_to_shared(row))
                 : "memory");
}

/** d += a · b, of 16×16 and 16×8 values. */
template <class T> __device__ __forceinline__ void multiply(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1);

template <>
__device__ __forceinline__ void multiply<half_t>(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
#if __CUDA_ARCH__ >= 800
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(b0));
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[2]), "r"(a[3]), "r"(b1));
#endif
}

#if __CUDA_ARCH__ >= 800
template <>
__device__ __forceinline__ void multiply<bfloat_t>(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
#endif

/** Begins to copy 16, 8 or 4 bytes into shared memory; zeros where there is nothing to copy. */
template <int BYTES> __device__ __forceinline__ void copyAsync(void *to, const void *from, bool present) {
#if __CUDA_ARCH__ >= 800
    unsigned shared = (unsigned)__cvta_generic_to_shared(to);
    int bytes = present ? BYTES : 0;
    if (BYTES == 16) { // past the first cache, which knows nothing shorter
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(from), "r"(bytes) : "memory");
    } else {
        asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(shared), "l"(from), "n"(BYTES), "r"(bytes)
                     : "memory");
    }
#else
    using Bytes = Pack<unsigned, BYTES / 4>;
    *(Bytes *)to = present ? *(const Bytes *)from : Bytes{};
#endif
}

/** Closes a group of copies. */
__device__ __forceinline__ void commitCopies() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/** Waits for all groups of this thread's copies but the last LATER ones. */
template <int LATER> __device__ __forceinline__ void awaitCopies() {
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(LATER) : "memory");
#endif
}

#else
#include "simulated_mma.h"
#endif

/** Two values as one register of a matrix. */
template <class T> __device__ __forceinline__ unsigned packed(float low, float high) {
    Pack<T, 2> both = {fromFloat<T>(low), fromFloat<T>(high)};
    unsigned bits;
    memcpy(&bits, &both, sizeof bits);
    return bits;
}
