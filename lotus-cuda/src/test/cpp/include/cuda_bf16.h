// bfloat16 for the simulated device: storage and conversions, which is all that the kernels use of it.
#pragma once
#include <cstdint>
#include <cstring>

struct __nv_bfloat16 {
    uint16_t bits;
};

inline float __bfloat162float(__nv_bfloat16 half) {
    uint32_t bits = uint32_t(half.bits) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/** Rounds to nearest, ties to even. */
inline __nv_bfloat16 __float2bfloat16_rn(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7fffffff) > 0x7f800000) {
        return {0x7fff};
    }
    return {uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}
