// CUDA's execution model on one processor, for tests: a block's threads are fibers, which run one after the other and give way
// only where the language makes them wait for each other. Blocks run one at a time, so a block's shared memory is a static.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#define __global__
#define __device__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(...)
#define DYNAMIC_SHARED(name) uint4 *name = simulated::dynamicShared;

struct uint3 {
    unsigned x, y, z;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};

static uint3 gridDim, blockDim, blockIdx, threadIdx;

namespace simulated {

enum class State { READY, AWAITS_WARP, AWAITS_BLOCK, DONE };

struct Fiber {
    static constexpr size_t STACK = 64 << 10;
    std::unique_ptr<char[]> stack{new char[STACK]};
    void *stackPointer = nullptr;
    State state = State::DONE;
    uint3 index{};
    unsigned number = 0;
    alignas(16) unsigned char slots[2][64]; // what the other lanes of its warp can see of it, in turns
    unsigned turn = 0;
};

static std::vector<Fiber> fibers;
static Fiber *current;
static void *scheduler; // its stack pointer
static const std::function<void()> *kernel;
static uint4 *dynamicShared;

// Saves the registers that a call must keep, and exchanges stacks: ucontext's swapcontext would make system calls.
extern "C" void simulatedSwitch(void **save, void *load);
asm(R"(
.text
.local simulatedSwitch
.type simulatedSwitch, @function
simulatedSwitch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
.size simulatedSwitch, . - simulatedSwitch
)");

static void enter() {
    (*kernel)();
    current->state = State::DONE;
    simulatedSwitch(&current->stackPointer, scheduler);
}

static void await(State what) {
    if (current == nullptr) {
        std::fputs("simulated device: a thread waits in a kernel that is listed as having none that do\n", stderr);
        std::abort();
    }
    current->state = what;
    simulatedSwitch(&current->stackPointer, scheduler);
    threadIdx = current->index;
}

/** Lets fibers go on when all that live among them have come to the same place. */
static bool release(size_t from, size_t to, State awaited) {
    bool any = false;
    for (size_t i = from; i < to; i++) {
        if (fibers[i].state != State::DONE && fibers[i].state != awaited) {
            return false;
        }
        any |= fibers[i].state == awaited;
    }
    for (size_t i = from; any && i < to; i++) {
        if (fibers[i].state == awaited) {
            fibers[i].state = State::READY;
        }
    }
    return any;
}

static void prepare(Fiber &fiber, unsigned number) {
    fiber.number = number;
    fiber.index = {number % blockDim.x, number / blockDim.x % blockDim.y, number / (blockDim.x * blockDim.y)};
    fiber.state = State::READY;
    fiber.turn = 0;
    uintptr_t top = reinterpret_cast<uintptr_t>(fiber.stack.get() + Fiber::STACK) & ~uintptr_t(15);
    void **stack = reinterpret_cast<void **>(top) - 2;
    *stack = reinterpret_cast<void *>(enter); // where the first switch returns to
    fiber.stackPointer = stack - 6; // what it takes for saved registers
}

static void runBlock(size_t threads) {
    for (size_t i = 0; i < threads; i++) {
        prepare(fibers[i], i);
    }
    for (bool live = true; live;) {
        bool moved = false;
        for (size_t i = 0; i < threads; i++) {
            if (fibers[i].state == State::READY) {
                current = &fibers[i];
                threadIdx = current->index;
                simulatedSwitch(&scheduler, current->stackPointer);
                moved = true;
            }
        }
        for (size_t i = 0; i < threads; i += 32) {
            moved |= release(i, i + 32 < threads ? i + 32 : threads, State::AWAITS_WARP);
        }
        moved |= release(0, threads, State::AWAITS_BLOCK);
        live = false;
        for (size_t i = 0; i < threads; i++) {
            live |= fibers[i].state != State::DONE;
        }
        if (live && !moved) {
            std::fprintf(stderr, "simulated device: threads of block %u, %u, %u wait for each other in different places\n",
                         blockIdx.x, blockIdx.y, blockIdx.z);
            std::abort();
        }
    }
}

/** Threads that never wait for each other need no fibers. */
static void runIndependent() {
    current = nullptr;
    for (unsigned z = 0; z < blockDim.z; z++) {
        for (unsigned y = 0; y < blockDim.y; y++) {
            for (unsigned x = 0; x < blockDim.x; x++) {
                threadIdx = {x, y, z};
                (*kernel)();
            }
        }
    }
}

/** Memory whose end lies before a page that cannot be touched. */
struct GuardedMemory {
    char *mapping;
    size_t mapped;
    uint4 *data;

    explicit GuardedMemory(size_t bytes) {
        size_t page = sysconf(_SC_PAGESIZE);
        size_t used = (bytes + page - 1) / page * page;
        mapped = used + page;
        mapping = static_cast<char *>(
            mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        mprotect(mapping + used, page, PROT_NONE);
        data = reinterpret_cast<uint4 *>(mapping + used - (bytes + 15) / 16 * 16);
    }
    ~GuardedMemory() { munmap(mapping, mapped); }
};

/** @param independent whether no thread waits for another */
static void launch(uint3 grid, uint3 block, size_t sharedBytes, bool independent, const std::function<void()> &body) {
    size_t threads = size_t(block.x) * block.y * block.z;
    if (!independent && fibers.size() < threads) {
        fibers.resize(threads);
    }
    GuardedMemory shared(sharedBytes);
    gridDim = grid;
    blockDim = block;
    kernel = &body;
    dynamicShared = shared.data;
    for (unsigned z = 0; z < grid.z; z++) {
        for (unsigned y = 0; y < grid.y; y++) {
            for (unsigned x = 0; x < grid.x; x++) {
                blockIdx = {x, y, z};
                std::memset(shared.data, 0xFF, sharedBytes); // not a number, until written
                independent ? runIndependent() : runBlock(threads);
            }
        }
    }
}

inline unsigned lane() { return current->number % 32; }

/** A fiber of the same warp. */
inline Fiber &peer(unsigned lane) { return fibers[current->number / 32 * 32 + lane]; }

/**
 * Shows a value to the warp, and waits until all of it have. What was shown stays until the next but one is: by then all have
 * waited for the next, and so have read this.
 */
template <class T> void show(const T &value) {
    static_assert(sizeof(T) <= sizeof(Fiber::slots[0]));
    current->turn ^= 1;
    std::memcpy(current->slots[current->turn], &value, sizeof(T));
    await(State::AWAITS_WARP);
}

/** What a lane of the warp has shown. */
inline const unsigned char *shownBy(unsigned lane) { return peer(lane).slots[current->turn]; }

template <class T> T shuffled(T value, unsigned source) {
    show(value);
    T result;
    std::memcpy(&result, shownBy(source % 32), sizeof(T));
    return result;
}

/** What exchanges with the lanes 16, 8, 4, 2 and 1 away lead to. */
template <class F> float acrossWarp(float value, F combine) {
    show(value);
    float all[32];
    for (unsigned i = 0; i < 32; i++) {
        std::memcpy(&all[i], shownBy(i), sizeof(float));
    }
    for (unsigned lanes = 16; lanes > 0; lanes >>= 1) {
        float before[32];
        std::memcpy(before, all, sizeof all);
        for (unsigned i = 0; i < 32; i++) {
            all[i] = combine(before[i], before[i ^ lanes]);
        }
    }
    return all[lane()];
}

} // namespace simulated

inline void __syncthreads() { simulated::await(simulated::State::AWAITS_BLOCK); }
inline void __syncwarp() { simulated::await(simulated::State::AWAITS_WARP); }
template <class T> T __shfl_xor_sync(unsigned, T value, int mask) {
    return simulated::shuffled(value, simulated::lane() ^ mask);
}
template <class T> T __shfl_sync(unsigned, T value, int source) { return simulated::shuffled(value, source); }

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline float rsqrtf(float x) { return 1.f / std::sqrt(x); }
inline float __expf(float x) { return std::exp(x); }
inline float __fdividef(float a, float b) { return a / b; }
