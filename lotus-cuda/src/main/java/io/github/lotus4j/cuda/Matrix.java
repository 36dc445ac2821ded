package io.github.lotus4j.cuda;

import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasOperation;

/**
 * A matrix in the device's memory, row by row.
 *
 * @param stride values from one row to the next
 */
record Matrix(long address, Precision precision, int rows, int columns, int stride) {
    private static final Pointer ONE = Pointer.to(new float[] {1});
    private static final Pointer ZERO = Pointer.to(new float[] {0});
    private static final int GEMM_DEFAULT = -1;

    /** A tensor's pixels, as rows. */
    static Matrix of(DeviceTensor tensor) {
        return new Matrix(
                tensor.address(),
                tensor.precision(),
                tensor.shape().pixels(),
                tensor.shape().c(),
                tensor.stride());
    }

    static Matrix dense(long address, Precision precision, int rows, int columns) {
        return new Matrix(address, precision, rows, columns, columns);
    }

    Matrix from(int row, int count) {
        return new Matrix(address + (long) row * stride * precision.bytes(), precision, count, columns, stride);
    }

    /** {@code this = left · right}, or, if it is added, {@code this + left · right}; sums are floats. */
    void product(CudaOps ops, Matrix left, Matrix right, boolean added, String what) {
        product(ops, left, right, cublasOperation.CUBLAS_OP_N, added, what);
    }

    /** The same with {@code rightᵀ}. */
    void productTransposed(CudaOps ops, Matrix left, Matrix right, boolean added, String what) {
        product(ops, left, right, cublasOperation.CUBLAS_OP_T, added, what);
    }

    /** To cuBLAS, whose matrices are column by column, each is its own transpose. */
    private void product(CudaOps ops, Matrix left, Matrix right, int operation, boolean added, String what) {
        if (ops.measures()) {
            return;
        }
        ops.device().use();
        int status = JCublas2.cublasGemmEx_new(
                ops.lane().blas(),
                operation,
                cublasOperation.CUBLAS_OP_N,
                columns,
                rows,
                left.columns,
                ONE,
                new Address(right.address),
                right.precision.cublasType(),
                right.stride,
                new Address(left.address),
                left.precision.cublasType(),
                left.stride,
                added ? ONE : ZERO,
                new Address(address),
                precision.cublasType(),
                stride,
                cublasComputeType.CUBLAS_COMPUTE_32F,
                GEMM_DEFAULT);
        ops.device().checkBlas(status, "cublasGemmEx of " + what);
    }
}
