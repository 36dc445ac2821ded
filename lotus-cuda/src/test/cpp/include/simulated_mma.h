// Tensor cores for the simulated device: each lane shows its registers to its warp, and computes its part from all of them.
// Which lane holds which values is the PTX ISA's, sections "mma.m16n8k16" and "ldmatrix".
#pragma once

namespace simulated {

template <bool TRANSPOSED> void loadMatrices(unsigned (&to)[4], const void *row) {
    show(row);
    for (unsigned matrix = 0; matrix < 4; matrix++) {
        uint16_t halves[2];
        for (unsigned i = 0; i < 2; i++) {
            unsigned line = lane() / 4;
            unsigned column = lane() % 4 * 2 + i;
            const uint16_t *from;
            std::memcpy(&from, shownBy(matrix * 8 + (TRANSPOSED ? column : line)), sizeof from);
            halves[i] = from[TRANSPOSED ? line : column];
        }
        std::memcpy(&to[matrix], halves, sizeof halves);
    }
    await(State::AWAITS_WARP); // the rows may be overwritten now
}

template <class T> float valueOf(const unsigned char *shown, unsigned index) {
    T value;
    std::memcpy(&value, shown + index * sizeof value, sizeof value);
    return toFloat(value);
}

} // namespace simulated

inline void loadMatrices(unsigned (&to)[4], const void *row) { simulated::loadMatrices<false>(to, row); }
inline void loadTransposed(unsigned (&to)[4], const void *row) { simulated::loadMatrices<true>(to, row); }

template <class T> void multiply(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    using namespace simulated;
    struct {
        unsigned at[6];
    } registers = {{a[0], a[1], a[2], a[3], b0, b1}};
    show(registers);
    for (unsigned i = 0; i < 4; i++) {
        unsigned row = lane() / 4 + i / 2 * 8;
        unsigned column = lane() % 4 * 2 + i % 2;
        float sum = 0;
        for (unsigned k = 0; k < 16; k++) {
            float left = valueOf<T>(shownBy(row % 8 * 4 + k % 8 / 2), 2 * (row / 8 + k / 8 * 2) + k % 2);
            float right = valueOf<T>(shownBy(column * 4 + k % 8 / 2), 2 * (4 + k / 8) + k % 2);
            sum += left * right;
        }
        d[i] += sum;
    }
}

/** Copies arrive at the latest moment that is allowed: when they are awaited. */
namespace simulated {
struct Copy {
    void *to;
    size_t count;
    unsigned char bytes[16];
};
struct Copies {
    std::vector<std::vector<Copy>> groups{1};
};
static std::vector<Copies> copies;

static Copies &mine() {
    if (copies.size() <= current->number) {
        copies.resize(current->number + 1);
    }
    return copies[current->number];
}
} // namespace simulated

template <int BYTES> void copyAsync(void *to, const void *from, bool present) {
    simulated::Copy copy{to, BYTES, {}};
    if (present) {
        std::memcpy(copy.bytes, from, BYTES);
    }
    std::memset(to, 0xFF, BYTES); // not a number, until it arrives
    simulated::mine().groups.back().push_back(copy);
}

inline void commitCopies() { simulated::mine().groups.emplace_back(); }

template <int LATER> void awaitCopies() {
    auto &groups = simulated::mine().groups; // the last one is open
    while (groups.size() > LATER + 1) {
        for (simulated::Copy &copy : groups.front()) {
            std::memcpy(copy.to, copy.bytes, copy.count);
        }
        groups.erase(groups.begin());
    }
}
