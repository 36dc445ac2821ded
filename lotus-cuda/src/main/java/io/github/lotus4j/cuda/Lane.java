package io.github.lotus4j.cuda;

import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcudnn.JCudnn;
import jcuda.runtime.cudaStream_t;

/**
 * A stream, and what belongs to it: handles of the libraries, the memory of its planned runs, and recordings of what these do.
 * For one run at a time.
 */
final class Lane implements AutoCloseable {
    /**
     * What cuBLAS would take for itself, on compute capability 9.0 and newer, and on older (cuBLAS documentation, cublasSetWorkspace). An
     * allocation of its own could not be captured in a graph.
     */
    private static final long BLAS_WORKSPACE_90 = 32L << 20;

    private static final long BLAS_WORKSPACE = 4L << 20;

    /** Ordered with no other stream, the legacy one included: work there would end a recording here. */
    private static final int NON_BLOCKING = 1;

    private final Device device;
    private final CUstream stream = new CUstream();
    private final cublasHandle blas = new cublasHandle();
    private final DnnHandle dnn = new DnnHandle();
    private final Address workspace;
    private final Recordings recordings;
    private final Staging staging;
    private DeviceMemory memory;

    /** @throws RuntimeException if anything cannot be had; nothing stays behind then */
    Lane(Device device) {
        this.device = device;
        device.use();
        long workspaceBytes = device.capability() >= 90 ? BLAS_WORKSPACE_90 : BLAS_WORKSPACE;
        recordings = new Recordings(device, stream);
        memory = DeviceMemory.planned(device, 0);
        workspace = device.allocate(workspaceBytes, "cuBLAS's workspace");
        int made = 0;
        try {
            device.check(JCudaDriver.cuStreamCreate(stream, NON_BLOCKING), "cuStreamCreate");
            made++;
            device.checkBlas(JCublas2.cublasCreate(blas), "cublasCreate");
            made++;
            device.checkDnn(JCudnn.cudnnCreate(dnn), "cudnnCreate");
            made++;
            cudaStream_t runtimeStream = new cudaStream_t(stream);
            device.checkBlas(JCublas2.cublasSetStream(blas, runtimeStream), "cublasSetStream");
            device.checkBlas(JCublas2.cublasSetWorkspace(blas, workspace, workspaceBytes), "cublasSetWorkspace");
            int math = cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION; // parts of a sum are floats, too
            device.checkBlas(JCublas2.cublasSetMathMode(blas, math), "cublasSetMathMode");
            device.checkDnn(JCudnn.cudnnSetStream(dnn, runtimeStream), "cudnnSetStream");
            staging = new Staging(device, stream);
        } catch (RuntimeException e) {
            release(made);
            throw e;
        }
    }

    CUstream stream() {
        return stream;
    }

    cublasHandle blas() {
        return blas;
    }

    DnnHandle dnn() {
        return dnn;
    }

    /** The way up and down. */
    Staging staging() {
        return staging;
    }

    Recordings recordings() {
        return recordings;
    }

    /** Bytes that a planned run can have without an allocation. */
    long plannedBytes() {
        return memory.bytes();
    }

    /**
     * The memory of a planned run.
     *
     * @throws io.github.lotus4j.error.InsufficientMemoryException if there is not as much
     */
    DeviceMemory memory(long bytes) {
        if (memory.bytes() < bytes) {
            forget();
            memory = DeviceMemory.planned(device, bytes);
        }
        return memory;
    }

    /** Frees the memory of planned runs. */
    void forget() {
        device.makeCurrent();
        recordings.close();
        memory.close();
        memory = DeviceMemory.planned(device, 0);
    }

    /** Waits until everything on the stream is done. */
    void await() {
        device.use();
        device.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
    }

    private void release(int made) {
        if (made > 2) {
            JCudnn.cudnnDestroy(dnn);
        }
        if (made > 1) {
            JCublas2.cublasDestroy(blas);
        }
        if (made > 0) {
            JCudaDriver.cuStreamDestroy(stream);
        }
        device.free(workspace);
    }

    @Override
    public void close() {
        forget();
        staging.close();
        release(3);
    }
}
