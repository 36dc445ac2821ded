// A simulated libcublas.so.12: products as plain loops, accumulated in float.
#include "simulated.h"
#include "storage.h"
#include <cstdint>
#include <cstdio>

namespace {

enum Status { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
constexpr int TRANSPOSED = 1;
constexpr int COMPUTE_32F = 68;

struct Handle {
    void *stream = nullptr;
};

Storage storage(int type) {
    switch (type) {
    case 0: return Storage::F32;
    case 2: return Storage::F16;
    case 14: return Storage::BF16;
    default: return Storage::NONE;
    }
}

/** A column-major matrix. */
struct Matrix {
    const char *data;
    Storage type;
    int leading;
    int rows;
    int columns;

    bool onDevice(const char *what) const {
        size_t elements = size_t(leading) * (columns - 1) + rows;
        return simulatedOnDevice(data, elements * sizeOf(type), what);
    }

    /** As floats, columns one after the other; or rows, transposed. */
    std::vector<float> values(bool transposed) const {
        std::vector<float> all(size_t(rows) * columns);
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                size_t to = transposed ? size_t(row) * columns + column : size_t(column) * rows + row;
                all[to] = get(data, row + size_t(column) * leading, type);
            }
        }
        return all;
    }
};

int complain(Status status, const char *what) {
    std::fprintf(stderr, "simulated cuBLAS: %s\n", what);
    return status;
}

void product(Matrix a, bool transposedA, Matrix b, bool transposedB, Matrix c, int depth, float alpha, float beta) {
    std::vector<float> left = a.values(!transposedA); // depth by depth
    std::vector<float> right = b.values(transposedB);
    for (int column = 0; column < c.columns; column++) {
        for (int row = 0; row < c.rows; row++) {
            size_t at = row + size_t(column) * c.leading;
            float before = beta == 0 ? 0 : beta * get(c.data, at, c.type);
            float sum = dot(&left[size_t(row) * depth], &right[size_t(column) * depth], depth);
            put(const_cast<char *>(c.data), at, c.type, alpha * sum + before);
        }
    }
}

} // namespace

extern "C" {

int cublasCreate_v2(Handle **handle) {
    simulatedCount(1);
    *handle = new Handle;
    return SUCCESS;
}

int cublasDestroy_v2(Handle *handle) {
    simulatedCount(-1);
    delete handle;
    return SUCCESS;
}

int cublasSetStream_v2(Handle *handle, void *stream) {
    handle->stream = stream;
    return SUCCESS;
}

int cublasSetWorkspace_v2(Handle *, void *workspace, size_t bytes) {
    return simulatedOnDevice(workspace, bytes, "cublasSetWorkspace") ? SUCCESS : INVALID_VALUE;
}

int cublasSetMathMode(Handle *, int) { return SUCCESS; }

int cublasGetVersion_v2(Handle *, int *version) {
    *version = 120604;
    return SUCCESS;
}

int cublasGemmEx(Handle *handle, int transA, int transB, int m, int n, int k, const float *alpha, const void *a,
                 int typeA, int lda, const void *b, int typeB, int ldb, const float *beta, void *c, int typeC, int ldc,
                 int compute, int) {
    if (handle == nullptr) {
        return NOT_INITIALIZED;
    }
    if (compute != COMPUTE_32F || storage(typeA) == Storage::NONE || typeB != typeA ||
        (typeC != typeA && storage(typeC) != Storage::F32)) {
        return complain(NOT_SUPPORTED, "cublasGemmEx: this combination of types is not simulated");
    }
    bool transposedA = transA == TRANSPOSED;
    bool transposedB = transB == TRANSPOSED;
    Matrix left{static_cast<const char *>(a), storage(typeA), lda, transposedA ? k : m, transposedA ? m : k};
    Matrix right{static_cast<const char *>(b), storage(typeB), ldb, transposedB ? n : k, transposedB ? k : n};
    Matrix result{static_cast<const char *>(c), storage(typeC), ldc, m, n};
    if (m < 1 || n < 1 || k < 1 || lda < left.rows || ldb < right.rows || ldc < m) {
        return complain(INVALID_VALUE, "cublasGemmEx: a leading dimension is smaller than its matrix");
    }
    if (!left.onDevice("cublasGemmEx A") || !right.onDevice("cublasGemmEx B") || !result.onDevice("cublasGemmEx C") ||
        !simulatedOnHost(alpha, "cublasGemmEx alpha") || !simulatedOnHost(beta, "cublasGemmEx beta")) {
        return EXECUTION_FAILED;
    }
    int failed = simulatedSubmit(handle->stream, [=, scale = *alpha, keep = *beta] {
        product(left, transposedA, right, transposedB, result, k, scale, keep);
    });
    return failed ? EXECUTION_FAILED : SUCCESS;
}

} // extern "C"
