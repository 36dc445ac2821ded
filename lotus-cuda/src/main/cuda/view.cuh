// ops.Input on the device: one tensor, or two side by side on the channels, seen at another size by nearest neighbour.
#pragma once
#include "storage.cuh"

struct View {
    const void *first;
    const void *second;
    int firstStride; // elements from one pixel to the next
    int secondStride;
    int firstChannels;
    int channels; // of both
    int sourceHeight;
    int sourceWidth;
    int height; // as the operator sees it
    int width;
};

/** The source pixel, within its image, of a pixel that the operator sees. */
__device__ __forceinline__ int sourcePixel(const View &view, int pixel) {
    if (view.height == view.sourceHeight && view.width == view.sourceWidth) {
        return pixel;
    }
    int y = pixel / view.width;
    int x = pixel - y * view.width;
    int sourceY = (int)((long long)y * view.sourceHeight / view.height);
    int sourceX = (int)((long long)x * view.sourceWidth / view.width);
    return sourceY * view.sourceWidth + sourceX;
}

/** Where channel c of a source pixel, counted over the batch, lies. */
template <class T> __device__ __forceinline__ const T *addressOf(const View &view, long long pixel, int c) {
    return c < view.firstChannels ? (const T *)view.first + pixel * view.firstStride + c
                                  : (const T *)view.second + pixel * view.secondStride + (c - view.firstChannels);
}

/** Channels c to c + V of a source pixel; both tensors begin at multiples of V. */
template <class T, int V>
__device__ __forceinline__ Pack<T, V> channelsOf(const View &view, long long pixel, int c) {
    return load<T, V>(addressOf<T>(view, pixel, c));
}

template <class T> __device__ __forceinline__ float channelOf(const View &view, long long pixel, int c) {
    return toFloat(channelsOf<T, 1>(view, pixel, c).at[0]);
}

/** Where a view is written to: densely, with a border of zeros around each image and zeros in channels beyond the view's. */
struct Written {
    void *out;
    int stride; // elements from one pixel to the next
    int channels;
    int height; // with the border
    int width;
    int top;
    int left;
};

/** The source pixel, within its image, of a pixel that is written; -1 in the border. */
__device__ __forceinline__ int sourceOf(const View &view, const Written &to, int pixel) {
    if (to.height == view.height && to.width == view.width) {
        return sourcePixel(view, pixel);
    }
    int y = pixel / to.width - to.top;
    int x = pixel % to.width - to.left;
    return y < 0 || y >= view.height || x < 0 || x >= view.width ? -1 : sourcePixel(view, y * view.width + x);
}
