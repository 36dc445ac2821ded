// All kernels, as one module: activations are NHWC, entries are named by their storage type.
#include "attention_512.cuh"
#include "attention_64.cuh"
#include "elementwise.cuh"
#include "image.cuh"
#include "norm.cuh"
