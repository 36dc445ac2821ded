// What the simulated cuBLAS and cuDNN ask of the simulated driver, which exports it.
#pragma once
#include <cstddef>
#include <functional>

extern "C" {
/** Whether [pointer, pointer + bytes) lies in one allocation on the device; if not, says so on stderr. */
bool simulatedOnDevice(const void *pointer, size_t bytes, const char *what);

/** Whether a pointer does not lie on the device; if it does, says so on stderr. */
bool simulatedOnHost(const void *pointer, const char *what);

/** Runs work on a stream: now, or, where the stream is being captured, whenever the graph is launched. Returns a CUresult. */
int simulatedSubmit(void *stream, void (*run)(void *), void *work, void (*release)(void *));

/** Counts handles and descriptors that are alive, with those of the driver. */
void simulatedCount(int change);
}

inline int simulatedSubmit(void *stream, std::function<void()> work) {
    using Work = std::function<void()>;
    return simulatedSubmit(
        stream, [](void *w) { (*static_cast<Work *>(w))(); }, new Work(std::move(work)),
        [](void *w) { delete static_cast<Work *>(w); });
}

/** An environment variable's number. */
long simulatedSetting(const char *name, long orElse); // of the driver
