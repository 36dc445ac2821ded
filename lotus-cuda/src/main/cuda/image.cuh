// Images on their way in and out: samples of 8 bits become values, values become results from 0 to 1, one axis at a time resized.
#pragma once
#include "storage.cuh"

/** What is read: samples from 0 to 255, floats as they are, or values from -1 to 1 in the storage type. */
enum Source { SAMPLES, FLOATS, VALUES };

struct ResizeArgs {
    const void *in; // [outer, from, inner pixels, channels]
    const int *first; // [to], the first source of each result; null where nothing is resized
    const float *weights; // [to, taps]
    void *out; // [outer, to, inner pixels, channels]
    int outer;
    int from;
    int to;
    int inner;
    int channels;
    int inStride; // elements from one pixel to the next
    int outStride;
    int taps;
    int source;
    int averaged; // neighbouring channels whose mean is one of the result's
    int stored; // whether the result is in the storage type, not floats
};

template <class T> __device__ __forceinline__ float oneValue(const ResizeArgs &a, long long at) {
    switch (a.source) {
    case SAMPLES: return ((const unsigned char *)a.in)[at] / 127.5f - 1.f;
    case FLOATS: return ((const float *)a.in)[at];
    default: {
        float x = toFloat(((const T *)a.in)[at]) / 2.f + 0.5f;
        // what is not finite must not look like a result
        return fabsf(x) <= 3.402823466e38f ? (x < 0.f ? 0.f : x > 1.f ? 1.f : x) : nanf("");
    }
    }
}

template <class T> __device__ __forceinline__ float sourceValue(const ResizeArgs &a, long long at) {
    float sum = oneValue<T>(a, at);
    for (int i = 1; i < a.averaged; i++) {
        sum += oneValue<T>(a, at + i);
    }
    return a.averaged > 1 ? sum / a.averaged : sum;
}

template <class T> __device__ void resize(const ResizeArgs &a) {
    long long items = (long long)a.outer * a.to * a.inner * a.channels;
    for (long long item = (long long)blockIdx.x * blockDim.x + threadIdx.x; item < items;
         item += (long long)gridDim.x * blockDim.x) {
        int channel = (int)(item % a.channels);
        long long pixel = item / a.channels;
        int inner = (int)(pixel % a.inner);
        long long row = pixel / a.inner;
        int result = (int)(row % a.to);
        long long outer = row / a.to;
        float sum = 0.f;
        if (a.first == nullptr) {
            sum = sourceValue<T>(a, pixel * a.inStride + channel);
        } else {
            for (int t = 0; t < a.taps; t++) {
                long long source = (outer * a.from + a.first[result] + t) * a.inner + inner;
                sum += a.weights[(long long)result * a.taps + t] * sourceValue<T>(a, source * a.inStride + channel);
            }
        }
        long long at = pixel * a.outStride + channel;
        if (a.stored) {
            ((T *)a.out)[at] = fromFloat<T>(sum);
        } else {
            ((float *)a.out)[at] = sum;
        }
    }
}

ENTRY(resize, resize, ResizeArgs)
