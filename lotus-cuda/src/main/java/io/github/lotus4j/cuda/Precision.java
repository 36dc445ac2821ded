package io.github.lotus4j.cuda;

import java.lang.foreign.MemorySegment;
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

    /** The largest relative error of one rounding. */
    float rounding() {
        return switch (this) {
            case F16 -> 0x1p-11f;
            case BF16 -> 0x1p-8f;
            case F32 -> 0x1p-24f;
        };
    }

    /** Values in 16 bytes, which a thread moves at once. */
    int wide() {
        return 16 / bytes;
    }

    /** Values as they are stored. */
    MemorySegment stored(float[] values) {
        if (this == F32) {
            return MemorySegment.ofArray(values);
        }
        short[] halves = new short[values.length];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = this == F16 ? Float.floatToFloat16(values[i]) : bfloat(values[i]);
        }
        return MemorySegment.ofArray(halves);
    }

    /** Rounds to nearest, ties to even; what is not a number stays none. */
    private static short bfloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (Float.isNaN(value) ? 0x7fff : (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
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
