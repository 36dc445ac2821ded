// All kernels, as one module: activations are NHWC, entries are named by their storage type.
#include "attention_64.cuh"
#include "doubled.cuh"
#include "image.cuh"
#include "layer_norm.cuh"
#include "softmax.cuh"
#include "write_view.cuh"
