// A simulated libcuda.so.1: device memory is host memory between unmapped pages, kernels are the sources of the real ones, compiled
// by g++. Settings, for tests: LOTUS_SIMULATED_DEVICES, _DRIVER (as cuDriverGetVersion gives it), _CAPABILITY (80), _MEMORY (bytes).
#include "simulated_block.h"
#include "kernels.cu"
#include "simulated.h"
#include <cstdarg>
#include <map>
#include <mutex>
#include <string>
#include <sys/mman.h>

namespace {

enum Result {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    INVALID_PTX = 218,
    NOT_FOUND = 500,
    ILLEGAL_ADDRESS = 700,
    LAUNCH_FAILED = 719,
    CAPTURE_UNSUPPORTED = 900,
    CAPTURE_INVALIDATED = 901
};

std::recursive_mutex lock;
using Guard = std::lock_guard<std::recursive_mutex>;

struct Allocation {
    size_t bytes;
    char *mapping;
    size_t mapped;
};
std::map<uintptr_t, Allocation> allocations;
std::multimap<size_t, char *> spare; // mappings to use again, by size: new pages are slow
size_t used;
size_t largestUse;
int live;
int launchesUntilFailure = -1;
int graphLaunches;
int broken; // what every call answers after a failed launch
thread_local void *context;

int complain(int result, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    std::fputs("simulated device: ", stderr);
    std::vfprintf(stderr, format, arguments);
    std::fputs("\n", stderr);
    va_end(arguments);
    return result;
}

/** Pages, the last of which cannot be touched. */
char *mapped(size_t bytes, size_t page) {
    auto kept = spare.find(bytes);
    if (kept != spare.end()) {
        char *mapping = kept->second;
        spare.erase(kept);
        return mapping;
    }
    void *mapping = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) {
        return nullptr;
    }
    mprotect(static_cast<char *>(mapping) + bytes - page, page, PROT_NONE);
    return static_cast<char *>(mapping);
}

int multiprocessors = 2; // few, since each block of threads takes its time
size_t limit; // of the device's memory, where a test has set it

size_t capacity() { return limit ? limit : simulatedSetting("LOTUS_SIMULATED_MEMORY", 8L << 30); }

struct Work {
    void (*run)(void *);
    void *data;
    void (*release)(void *);
};

struct Graph {
    std::vector<std::shared_ptr<Work>> nodes;
};

struct Stream {
    bool capturing = false;
    bool invalidated = false;
    std::shared_ptr<Graph> graph;
};

struct Kernel {
    size_t argumentBytes;
    bool independent; // no thread waits for another
    std::function<void(void *)> run;
    unsigned mostThreads = 0; // of a block, as the PTX says
    unsigned mostShared = 48 << 10; // until it is asked for more
};

template <class Args> Kernel kernelOf(bool independent, void (*function)(Args)) {
    return {sizeof(Args), independent, [function](void *args) { function(*static_cast<Args *>(args)); }};
}

#define KERNEL(name, independent) {#name, kernelOf(independent, name)}
#define TENSOR_CORES(name) KERNEL(name##_f16, false), KERNEL(name##_bf16, false)
#define WAITING(name) KERNEL(name##_f16, false), KERNEL(name##_bf16, false), KERNEL(name##_f32, false)
#define INDEPENDENT(name) KERNEL(name##_f16, true), KERNEL(name##_bf16, true), KERNEL(name##_f32, true)
std::map<std::string, Kernel> compiled{
    WAITING(group_statistics),    WAITING(group_norm), KERNEL(group_finish, false),    INDEPENDENT(write_view),
    WAITING(layer_norm),          INDEPENDENT(epilogue),          INDEPENDENT(geglu),
    INDEPENDENT(combine),         INDEPENDENT(sample),            INDEPENDENT(from_floats),
    INDEPENDENT(resize),
    INDEPENDENT(to_floats),       INDEPENDENT(pack_weights),      WAITING(attention),
    TENSOR_CORES(attention_64),   WAITING(softmax), INDEPENDENT(divide_rows),
    INDEPENDENT(double_weights),  INDEPENDENT(interleave),
};

struct Module {
    struct Entry {
        size_t argumentBytes;
        unsigned mostThreads;
    };
    std::map<std::string, Entry> entries;
};

} // namespace

long simulatedSetting(const char *name, long orElse) {
    const char *value = std::getenv(name);
    return value == nullptr ? orElse : std::strtol(value, nullptr, 10);
}

extern "C" {

bool simulatedOnDevice(const void *pointer, size_t bytes, const char *what) {
    Guard guard(lock);
    uintptr_t at = reinterpret_cast<uintptr_t>(pointer);
    auto next = allocations.upper_bound(at);
    if (next != allocations.begin()) {
        auto &[start, allocation] = *--next;
        if (at + bytes <= start + allocation.bytes) {
            return true;
        }
    }
    complain(0, "%s: %zu bytes at %p are not in one allocation", what, bytes, pointer);
    return false;
}

bool simulatedOnHost(const void *pointer, const char *what) {
    Guard guard(lock);
    uintptr_t at = reinterpret_cast<uintptr_t>(pointer);
    auto next = allocations.upper_bound(at);
    if (next != allocations.begin()) {
        auto &[start, allocation] = *--next;
        if (at < start + allocation.bytes) {
            complain(0, "%s: a device's address where the host's is needed", what);
            return false;
        }
    }
    return true;
}

int simulatedSubmit(void *handle, void (*run)(void *), void *data, void (*release)(void *)) {
    Guard guard(lock);
    auto *stream = static_cast<Stream *>(handle);
    if (stream != nullptr && stream->capturing) {
        stream->graph->nodes.emplace_back(new Work{run, data, release}, [](Work *work) {
            work->release(work->data);
            delete work;
        });
        return SUCCESS;
    }
    run(data);
    release(data);
    return broken;
}

void simulatedCount(int change) {
    Guard guard(lock);
    live += change;
}

// For tests.
int simulatedLive() { return live + int(allocations.size()); }
size_t simulatedUsed() { return used; }
size_t simulatedLargestUse() { return largestUse; }
void simulatedForgetLargestUse() { largestUse = used; }
void simulatedFailLaunch(int launchesBefore) { launchesUntilFailure = launchesBefore; }
void simulatedLimit(size_t bytes) { limit = bytes; }
void simulatedMultiprocessors(int count) { multiprocessors = count; }
int simulatedGraphLaunches() { return graphLaunches; }

int cuInit(unsigned) { return simulatedSetting("LOTUS_SIMULATED_DEVICES", 1) > 0 ? SUCCESS : NO_DEVICE; }

int cuDriverGetVersion(int *version) {
    *version = simulatedSetting("LOTUS_SIMULATED_DRIVER", 12060);
    return SUCCESS;
}

int cuDeviceGetCount(int *count) {
    *count = simulatedSetting("LOTUS_SIMULATED_DEVICES", 1);
    return SUCCESS;
}

int cuDeviceGet(int *device, int index) {
    *device = index;
    return index < simulatedSetting("LOTUS_SIMULATED_DEVICES", 1) ? SUCCESS : INVALID_DEVICE;
}

int cuDeviceGetName(char *name, int length, int) {
    std::snprintf(name, length, "simulated device");
    return SUCCESS;
}

int cuDeviceTotalMem_v2(size_t *bytes, int) {
    *bytes = capacity();
    return SUCCESS;
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
    int capability = simulatedSetting("LOTUS_SIMULATED_CAPABILITY", 80);
    switch (attribute) {
    case 16: *value = multiprocessors; return SUCCESS;
    case 75: *value = capability / 10; return SUCCESS;
    case 76: *value = capability % 10; return SUCCESS;
    case 97: *value = (capability < 80 ? 64 : 99) << 10; return SUCCESS; // shared memory of a block
    default: return complain(INVALID_VALUE, "attribute %d is not simulated", attribute);
    }
}

int cuDevicePrimaryCtxRetain(void **to, int device) {
    Guard guard(lock);
    simulatedCount(1);
    *to = reinterpret_cast<void *>(intptr_t(device + 1));
    return SUCCESS;
}

int cuDevicePrimaryCtxRelease_v2(int) {
    simulatedCount(-1);
    broken = SUCCESS;
    return SUCCESS;
}

int cuCtxSetCurrent(void *to) {
    context = to;
    return SUCCESS;
}

int cuCtxGetCurrent(void **to) {
    *to = context;
    return SUCCESS;
}

int cuStreamCreate(void **stream, unsigned) {
    if (context == nullptr) {
        return INVALID_CONTEXT;
    }
    simulatedCount(1);
    *stream = new Stream;
    return broken;
}

int cuStreamDestroy_v2(void *stream) {
    simulatedCount(-1);
    delete static_cast<Stream *>(stream);
    return broken;
}

int cuStreamSynchronize(void *handle) {
    auto *stream = static_cast<Stream *>(handle);
    if (stream->capturing) {
        stream->invalidated = true;
        return CAPTURE_UNSUPPORTED;
    }
    return broken;
}

int cuStreamBeginCapture_v2(void *handle, int) {
    auto *stream = static_cast<Stream *>(handle);
    stream->capturing = true;
    stream->invalidated = false;
    stream->graph = std::make_shared<Graph>();
    return broken;
}

int cuStreamEndCapture(void *handle, void **graph) {
    auto *stream = static_cast<Stream *>(handle);
    stream->capturing = false;
    std::shared_ptr<Graph> captured = std::move(stream->graph);
    if (stream->invalidated) {
        *graph = nullptr;
        return CAPTURE_INVALIDATED;
    }
    simulatedCount(1);
    *graph = new Graph(*captured);
    return broken;
}

int cuGraphInstantiateWithFlags(void **executable, void *graph, unsigned long long) {
    simulatedCount(1);
    *executable = new Graph(*static_cast<Graph *>(graph));
    return broken;
}

int cuGraphDestroy(void *graph) {
    simulatedCount(-1);
    delete static_cast<Graph *>(graph);
    return broken;
}

int cuGraphExecDestroy(void *graph) { return cuGraphDestroy(graph); }

int cuGraphUpload(void *, void *) { return broken; }

int cuGraphLaunch(void *graph, void *) {
    Guard guard(lock);
    graphLaunches++;
    for (auto &work : static_cast<Graph *>(graph)->nodes) {
        work->run(work->data);
    }
    return broken;
}

int cuMemGetInfo_v2(size_t *free, size_t *total) {
    Guard guard(lock);
    *total = capacity();
    *free = capacity() - used;
    return broken;
}

/** The end of an allocation is the end of a page, and the next page is not there: an overrun is a fault. */
int cuMemAlloc_v2(uintptr_t *pointer, size_t bytes) {
    constexpr size_t PAGE = 4096;
    Guard guard(lock);
    if (context == nullptr) {
        return INVALID_CONTEXT;
    }
    if (bytes == 0) {
        return INVALID_VALUE;
    }
    if (used + bytes > capacity()) {
        return OUT_OF_MEMORY;
    }
    size_t rounded = (bytes + 255) & ~size_t(255);
    size_t pages = (rounded + PAGE - 1) & ~(PAGE - 1);
    char *mapping = mapped(pages + PAGE, PAGE);
    if (mapping == nullptr) {
        return OUT_OF_MEMORY;
    }
    char *start = mapping + pages - rounded;
    std::memset(start, 0xFF, rounded); // not a number, until written
    *pointer = reinterpret_cast<uintptr_t>(start);
    allocations[*pointer] = {bytes, mapping, pages + PAGE};
    used += bytes;
    largestUse = largestUse < used ? used : largestUse;
    return broken;
}

int cuMemFree_v2(uintptr_t pointer) {
    Guard guard(lock);
    auto found = allocations.find(pointer);
    if (found == allocations.end()) {
        return complain(INVALID_VALUE, "%p is freed but not allocated", reinterpret_cast<void *>(pointer));
    }
    spare.emplace(found->second.mapped, found->second.mapping);
    used -= found->second.bytes;
    allocations.erase(found);
    return broken;
}

int cuMemHostAlloc(void **pointer, size_t bytes, unsigned) {
    simulatedCount(1);
    *pointer = std::malloc(bytes);
    return broken;
}

int cuMemFreeHost(void *pointer) {
    simulatedCount(-1);
    std::free(pointer);
    return broken;
}

int cuMemcpyHtoDAsync_v2(uintptr_t to, const void *from, size_t bytes, void *stream) {
    void *target = reinterpret_cast<void *>(to);
    if (!simulatedOnDevice(target, bytes, "cuMemcpyHtoD") || !simulatedOnHost(from, "cuMemcpyHtoD")) {
        return INVALID_VALUE;
    }
    return simulatedSubmit(stream, [=] { std::memcpy(target, from, bytes); });
}

int cuMemcpyDtoHAsync_v2(void *to, uintptr_t from, size_t bytes, void *stream) {
    void *source = reinterpret_cast<void *>(from);
    if (!simulatedOnDevice(source, bytes, "cuMemcpyDtoH") || !simulatedOnHost(to, "cuMemcpyDtoH")) {
        return INVALID_VALUE;
    }
    return simulatedSubmit(stream, [=] { std::memcpy(to, source, bytes); });
}

int cuMemcpyHtoD_v2(uintptr_t to, const void *from, size_t bytes) {
    return cuMemcpyHtoDAsync_v2(to, from, bytes, nullptr);
}

int cuMemcpyDtoH_v2(void *to, uintptr_t from, size_t bytes) { return cuMemcpyDtoHAsync_v2(to, from, bytes, nullptr); }

int cuMemsetD8Async(uintptr_t to, unsigned char value, size_t bytes, void *stream) {
    void *target = reinterpret_cast<void *>(to);
    if (!simulatedOnDevice(target, bytes, "cuMemsetD8")) {
        return INVALID_VALUE;
    }
    return simulatedSubmit(stream, [=] { std::memset(target, value, bytes); });
}

/** Reads what the PTX declares: ".entry NAME(", in its one parameter "[BYTES]", and ".maxntid THREADS". */
int cuModuleLoadDataEx(void **module, const void *image, unsigned, void *, void *) {
    const char *ptx = static_cast<const char *>(image);
    if (std::strstr(ptx, ".version") == nullptr) {
        return complain(INVALID_PTX, "a module's image is not PTX");
    }
    auto *loaded = new Module;
    while ((ptx = std::strstr(ptx, ".entry ")) != nullptr) {
        ptx += std::strlen(".entry ");
        const char *end = std::strchr(ptx, '(');
        const char *size = std::strchr(end, '[') + 1;
        const char *threads = std::strstr(size, ".maxntid ") + std::strlen(".maxntid ");
        loaded->entries[std::string(ptx, end)] = {std::strtoul(size, nullptr, 10),
                                                  unsigned(std::strtoul(threads, nullptr, 10))};
    }
    simulatedCount(1);
    *module = loaded;
    return broken;
}

int cuModuleLoadData(void **module, const void *image) {
    return cuModuleLoadDataEx(module, image, 0, nullptr, nullptr);
}

int cuModuleUnload(void *module) {
    simulatedCount(-1);
    delete static_cast<Module *>(module);
    return broken;
}

int cuModuleGetFunction(void **function, void *module, const char *name) {
    auto &entries = static_cast<Module *>(module)->entries;
    auto declared = entries.find(name);
    auto kernel = compiled.find(name);
    if (declared == entries.end() || kernel == compiled.end()) {
        return complain(NOT_FOUND, "there is no kernel %s in the %s", name,
                        declared == entries.end() ? "PTX" : "simulation");
    }
    if (declared->second.argumentBytes != kernel->second.argumentBytes) {
        return complain(NOT_FOUND, "%s takes %zu bytes in the PTX and %zu in its source", name,
                        declared->second.argumentBytes, kernel->second.argumentBytes);
    }
    kernel->second.mostThreads = declared->second.mostThreads;
    kernel->second.mostShared = 48 << 10;
    *function = &kernel->second;
    return broken;
}

int cuFuncSetAttribute(void *function, int attribute, int value) {
    if (attribute != 8 || value > 99 << 10) { // the most of dynamic shared memory
        return complain(INVALID_VALUE, "attribute %d of a function cannot be %d", attribute, value);
    }
    static_cast<Kernel *>(function)->mostShared = value;
    return broken;
}

int cuLaunchKernel(void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                   unsigned blockZ, unsigned shared, void *stream, void **arguments, void **) {
    Guard guard(lock);
    if (broken) {
        return broken;
    }
    bool valid = gridX && gridY && gridZ && gridY <= 65535 && gridZ <= 65535 && blockX && blockY && blockZ &&
                 blockX * blockY * blockZ <= static_cast<Kernel *>(function)->mostThreads && blockZ <= 64 &&
                 shared <= static_cast<Kernel *>(function)->mostShared;
    if (!valid) {
        return complain(INVALID_VALUE, "a launch with grid %u, %u, %u, block %u, %u, %u, %u bytes shared", gridX, gridY,
                        gridZ, blockX, blockY, blockZ, shared);
    }
    auto *kernel = static_cast<Kernel *>(function);
    const char *first = static_cast<const char *>(arguments[0]);
    std::vector<char> values(first, first + kernel->argumentBytes); // copied, as by the driver
    return simulatedSubmit(stream, [=]() mutable {
        if (launchesUntilFailure >= 0 && launchesUntilFailure-- == 0) {
            broken = LAUNCH_FAILED;
        }
        if (!broken) {
            simulated::launch({gridX, gridY, gridZ}, {blockX, blockY, blockZ}, shared, kernel->independent,
                              [&] { kernel->run(values.data()); });
        }
    });
}

int cuGetErrorName(int result, const char **name) {
    static const std::map<int, const char *> names{
        {SUCCESS, "CUDA_SUCCESS"},
        {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE"},
        {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY"},
        {NO_DEVICE, "CUDA_ERROR_NO_DEVICE"},
        {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"},
    };
    auto found = names.find(result);
    *name = found == names.end() ? "CUDA_ERROR_OF_THE_SIMULATION" : found->second;
    return SUCCESS;
}

int cuGetErrorString(int result, const char **text) { return cuGetErrorName(result, text); }

} // extern "C"
