package io.github.lotus4j.cuda;

import jcuda.cudaDataType;
import jcuda.jcudnn.cudnnDataType;

/** How weights and activations are stored on the device. Sums are 32-bit floats in each. */
enum Precision {
    F16(2, cudaDataType.CUDA_R_16F, cudnnDataType.CUDNN_DATA_HALF),
    BF16(2, cudaDataType.CUDA_R_16BF, 9), // CUDNN_DATA_BFLOAT16, which JCudnn's table is too old to know
    F32(4, cudaDataType.CUDA_R_32F, cudnnDataType.CUDNN_DATA_FLOAT);

    private final int bytes;
    private final int cublasType;
    private final int cudnnType;

    Precision(int bytes, int cublasType, int cudnnType) {
        this.bytes = bytes;
        this.cublasType = cublasType;
        this.cudnnType = cudnnType;
    }

    /** Of one value. */
    int bytes() {
        return bytes;
    }

    int cublasType() {
        return cublasType;
    }

    int cudnnType() {
        return cudnnType;
    }

    /** Values in 16 bytes, which a thread moves at once. */
    int wide() {
        return 16 / bytes;
    }

    /** What kernels for it end in. */
    String suffix() {
        return switch (this) {
            case F16 -> "_f16";
            case BF16 -> "_bf16";
            case F32 -> "_f32";
        };
    }
}
