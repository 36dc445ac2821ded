// All kernels, as one module: activations are NHWC, entries are named by their storage type.
#include "attention.cuh"
#include "elementwise.cuh"
#include "image.cuh"
#include "norm.cuh"
