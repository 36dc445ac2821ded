// A simulated libcudnn.so.9: forward convolution of NHWC tensors as plain loops, accumulated in float, and attention.
#include "simulated.h"
#include "storage.h"
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

enum Status { SUCCESS = 0, BAD_PARAM = 2000, BAD_SHAPE = 2008, NOT_SUPPORTED = 3000, EXECUTION_FAILED = 5000 };
constexpr int NHWC = 1;
constexpr int CROSS_CORRELATION = 1;
constexpr int FLOAT = 0;
constexpr int IDENTITY = 5;
constexpr int NOT_PROPAGATE_NAN = 0;
constexpr int IMPLICIT_PRECOMP_GEMM = 1;
constexpr size_t WORKSPACE = 4096; // not used, but must be there

struct Handle {
    void *stream = nullptr;
};

struct Tensor {
    Storage type;
    int n, c, h, w;
    int strideN, strideC, strideH, strideW;

    size_t at(int image, int channel, int y, int x) const {
        return size_t(image) * strideN + size_t(channel) * strideC + size_t(y) * strideH + size_t(x) * strideW;
    }
    size_t bytes() const { return (at(n - 1, c - 1, h - 1, w - 1) + 1) * sizeOf(type); }

    /** As floats, densely in NHWC. */
    std::vector<float> values(const void *data) const {
        std::vector<float> all(size_t(n) * h * w * c);
        size_t to = 0;
        for (int image = 0; image < n; image++) {
            for (int y = 0; y < h; y++) {
                for (int x = 0; x < w; x++) {
                    for (int channel = 0; channel < c; channel++) {
                        all[to++] = get(data, at(image, channel, y, x), type);
                    }
                }
            }
        }
        return all;
    }
};

struct Convolution {
    int padH, padW, strideH, strideW, dilationH, dilationW;
};

Storage storage(int type) {
    switch (type) {
    case 0: return Storage::F32;
    case 2: return Storage::F16;
    case 9: return Storage::BF16;
    default: return Storage::NONE;
    }
}

int complain(Status status, const char *what) {
    std::fprintf(stderr, "simulated cuDNN: %s\n", what);
    return status;
}

int outputSide(int side, int kernel, int pad, int stride) { return (side + 2 * pad - kernel) / stride + 1; }

template <class T> int create(T **to) {
    simulatedCount(1);
    *to = new T{};
    return SUCCESS;
}

template <class T> int destroy(T *what) {
    simulatedCount(-1);
    delete what;
    return SUCCESS;
}

int set(Tensor *tensor, int type, int n, int c, int h, int w, int strideN, int strideC, int strideH, int strideW) {
    if (storage(type) == Storage::NONE || n < 1 || c < 1 || h < 1 || w < 1 || strideC != 1) {
        return complain(BAD_PARAM, "a descriptor with an empty side, or of a type or layout that is not simulated");
    }
    *tensor = {storage(type), n, c, h, w, strideN, strideC, strideH, strideW};
    return SUCCESS;
}

/** What is added before the result is rounded. */
struct Added {
    Tensor bias;
    const void *biasData; // or null
    Tensor z;
    const void *zData; // or null
};

void convolve(Tensor x, const void *xData, Tensor w, const void *wData, Convolution conv, Added added, Tensor y,
              void *yData) {
    std::vector<float> in = x.values(xData);
    std::vector<float> weights = w.values(wData);
    for (int n = 0; n < y.n; n++) {
        for (int row = 0; row < y.h; row++) {
            for (int column = 0; column < y.w; column++) {
                for (int k = 0; k < y.c; k++) {
                    float sum = 0;
                    for (int i = 0; i < w.h; i++) {
                        for (int j = 0; j < w.w; j++) {
                            int sourceY = row * conv.strideH - conv.padH + i;
                            int sourceX = column * conv.strideW - conv.padW + j;
                            if (sourceY >= 0 && sourceY < x.h && sourceX >= 0 && sourceX < x.w) {
                                const float *pixel = &in[((size_t(n) * x.h + sourceY) * x.w + sourceX) * x.c];
                                sum += dot(pixel, &weights[((size_t(k) * w.h + i) * w.w + j) * w.c], x.c);
                            }
                        }
                    }
                    if (added.biasData != nullptr) {
                        sum += get(added.biasData, k, added.bias.type);
                    }
                    if (added.zData != nullptr) {
                        sum += get(added.zData, added.z.at(n, k, row, column), added.z.type);
                    }
                    put(yData, y.at(n, k, row, column), y.type, sum);
                }
            }
        }
    }
}

} // namespace

#include "graph.h"

extern "C" {

size_t cudnnGetVersion() { return simulatedSetting("LOTUS_SIMULATED_CUDNN", 91900); }

size_t cudnnGetCudartVersion() { return simulatedSetting("LOTUS_SIMULATED_CUDNN_CUDA", 12060); }

int cudnnCreate(Handle **handle) { return create(handle); }
int cudnnDestroy(Handle *handle) { return destroy(handle); }
int cudnnCreateTensorDescriptor(Tensor **tensor) { return create(tensor); }
int cudnnDestroyTensorDescriptor(Tensor *tensor) { return destroy(tensor); }
int cudnnCreateFilterDescriptor(Tensor **filter) { return create(filter); }
int cudnnDestroyFilterDescriptor(Tensor *filter) { return destroy(filter); }
int cudnnCreateConvolutionDescriptor(Convolution **conv) { return create(conv); }
int cudnnDestroyConvolutionDescriptor(Convolution *conv) { return destroy(conv); }

int cudnnSetStream(Handle *handle, void *stream) {
    handle->stream = stream;
    return SUCCESS;
}

int cudnnSetTensor4dDescriptorEx(Tensor *tensor, int type, int n, int c, int h, int w, int strideN, int strideC,
                                 int strideH, int strideW) {
    return set(tensor, type, n, c, h, w, strideN, strideC, strideH, strideW);
}

int cudnnSetFilter4dDescriptor(Tensor *filter, int type, int format, int k, int c, int h, int w) {
    if (format != NHWC) {
        return complain(NOT_SUPPORTED, "filters are simulated in NHWC only");
    }
    return set(filter, type, k, c, h, w, h * w * c, 1, w * c, c);
}

int cudnnSetConvolution2dDescriptor(Convolution *conv, int padH, int padW, int strideH, int strideW, int dilationH,
                                    int dilationW, int mode, int type) {
    if (mode != CROSS_CORRELATION || type != FLOAT || dilationH != 1 || dilationW != 1) {
        return complain(NOT_SUPPORTED, "only cross-correlation without dilation, accumulated in float, is simulated");
    }
    *conv = {padH, padW, strideH, strideW, dilationH, dilationW};
    return SUCCESS;
}

int cudnnSetConvolutionMathType(Convolution *, int) { return SUCCESS; }

int cudnnGetConvolutionForwardWorkspaceSize(Handle *, const Tensor *, const Tensor *, const Convolution *,
                                            const Tensor *, int, size_t *bytes) {
    *bytes = WORKSPACE;
    return SUCCESS;
}

int cudnnCreateActivationDescriptor(int **activation) { return create(activation); }
int cudnnDestroyActivationDescriptor(int *activation) { return destroy(activation); }

int cudnnSetActivationDescriptor(int *activation, int mode, int propagation, double) {
    *activation = propagation == NOT_PROPAGATE_NAN ? mode : -1;
    return SUCCESS;
}

static bool refusesFused; // as cuDNN may, for a shape or a device
void simulatedRefuseFused(int refuses) { refusesFused = refuses; }

int cudnnConvolutionForward(Handle *handle, const float *alpha, const Tensor *x, const void *xData, const Tensor *w,
                            const void *wData, const Convolution *conv, int, void *workspace, size_t workspaceBytes,
                            const float *beta, const Tensor *y, void *yData) {
    if (*alpha != 1 || (*beta != 0 && *beta != 1) || workspaceBytes < WORKSPACE) {
        return complain(NOT_SUPPORTED, "convolution: alpha, beta or the workspace's size are not simulated");
    }
    if (!simulatedOnDevice(xData, x->bytes(), "convolution x") ||
        !simulatedOnDevice(wData, w->bytes(), "convolution w") ||
        !simulatedOnDevice(yData, y->bytes(), "convolution y")) {
        return EXECUTION_FAILED;
    }
    Added added{*y, nullptr, *y, *beta == 0 ? nullptr : yData};
    int failed = simulatedSubmit(handle->stream, [=, x = *x, w = *w, conv = *conv, y = *y] {
        convolve(x, xData, w, wData, conv, added, y, yData);
    });
    return failed ? EXECUTION_FAILED : SUCCESS;
}

int cudnnConvolutionBiasActivationForward(Handle *handle, const float *alpha, const Tensor *x, const void *xData,
                                          const Tensor *w, const void *wData, const Convolution *conv, int algorithm,
                                          void *workspace, size_t workspaceBytes, const float *beta, const Tensor *z,
                                          const void *zData, const Tensor *bias, const void *biasData,
                                          const int *activation, const Tensor *y, void *yData) {
    bool fit = x->c == w->c && y->n == x->n && y->c == w->n && bias->c == y->c && z->n == y->n && z->c == y->c &&
               z->h == y->h && z->w == y->w && y->h == outputSide(x->h, w->h, conv->padH, conv->strideH) &&
               y->w == outputSide(x->w, w->w, conv->padW, conv->strideW);
    if (!fit) {
        return complain(BAD_SHAPE, "convolution: shapes do not fit each other");
    }
    bool dense = x->strideW == x->c && y->strideW == y->c && z->strideW == z->c;
    if (refusesFused || !dense || *alpha != 1 || (*beta != 0 && *beta != 1) || workspaceBytes < WORKSPACE || *activation != IDENTITY ||
        algorithm != IMPLICIT_PRECOMP_GEMM || bias->type != y->type || z->type != y->type) {
        return complain(NOT_SUPPORTED, "convolution: this combination is not simulated, and cuDNN may not have it");
    }
    if (!simulatedOnDevice(xData, x->bytes(), "convolution x") ||
        !simulatedOnDevice(wData, w->bytes(), "convolution w") ||
        !simulatedOnDevice(biasData, bias->bytes(), "convolution bias") ||
        !simulatedOnDevice(zData, z->bytes(), "convolution z") ||
        !simulatedOnDevice(yData, y->bytes(), "convolution y") ||
        !simulatedOnDevice(workspace, workspaceBytes, "convolution workspace")) {
        return EXECUTION_FAILED;
    }
    Added added{*bias, biasData, *z, *beta == 0 ? nullptr : zData};
    int failed = simulatedSubmit(handle->stream, [=, x = *x, w = *w, conv = *conv, y = *y] {
        convolve(x, xData, w, wData, conv, added, y, yData);
    });
    return failed ? EXECUTION_FAILED : SUCCESS;
}

} // extern "C"
