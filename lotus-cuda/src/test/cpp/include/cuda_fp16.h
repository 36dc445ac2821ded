// IEEE half for the simulated device: storage and conversions, which is all that the kernels use of it.
#pragma once
#include <cstdint>
#include <cstring>

struct __half {
    uint16_t bits;
};

#ifdef __F16C__ // the processor's own, which are much faster
#include <immintrin.h>
inline float __half2float(__half half) { return _cvtsh_ss(half.bits); }
inline __half __float2half_rn(float value) { return {uint16_t(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT))}; }
#else
inline float __half2float(__half half) {
    uint32_t sign = uint32_t(half.bits & 0x8000) << 16;
    uint32_t exponent = half.bits >> 10 & 31;
    uint32_t fraction = half.bits & 1023;
    float value;
    if (exponent == 0) { // zero or subnormal: a multiple of 2^-24
        value = fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    uint32_t bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/** Rounds to nearest, ties to even. */
inline __half __float2half_rn(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    uint16_t sign = bits >> 16 & 0x8000;
    uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
        return {uint16_t(sign | 0x7fff)};
    }
    if (magnitude >= 0x477ff000) { // at least half way from 65504 to the next power of two
        return {uint16_t(sign | 0x7c00)};
    }
    if (magnitude < 0x38800000) { // subnormal: adding 1/2 leaves the multiple of 2^-24, rounded, in the last bits
        float small;
        std::memcpy(&small, &magnitude, sizeof small);
        small += 0.5f;
        std::memcpy(&bits, &small, sizeof bits);
        return {uint16_t(sign | (bits - 0x3f000000))};
    }
    uint32_t odd = magnitude >> 13 & 1;
    return {uint16_t(sign | (magnitude - 0x38000000 + 0xfff + odd) >> 13)};
}
#endif
