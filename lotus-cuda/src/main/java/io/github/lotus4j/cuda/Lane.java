package io.github.lotus4j.cuda;

import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;

/** A stream, and what is bound to it: one run's order of work. Not thread-safe. */
final class Lane implements AutoCloseable {
    /**
     * What cuBLAS would take for itself, on compute capability 9.0 and on others (cuBLAS documentation, cublasSetWorkspace). An
     * allocation of its own could not be captured in a graph.
     */
    private static final long BLAS_WORKSPACE_90 = 32L << 20;

    private static final long BLAS_WORKSPACE = 4L << 20;

    private final Device device;
    private final CUstream stream = new CUstream();
    private final cublasHandle blas = new cublasHandle();
    private final cudnnHandle dnn = new cudnnHandle();
    private final Address workspace;

    /** @throws RuntimeException if anything cannot be had; nothing stays behind then */
    Lane(Device device) {
        this.device = device;
        device.use();
        long workspaceBytes = device.capability() == 90 ? BLAS_WORKSPACE_90 : BLAS_WORKSPACE;
        workspace = device.allocate(workspaceBytes, "cuBLAS's workspace");
        int made = 0;
        try {
            device.check(JCudaDriver.cuStreamCreate(stream, 0), "cuStreamCreate");
            made++;
            device.checkBlas(JCublas2.cublasCreate(blas), "cublasCreate");
            made++;
            device.checkDnn(JCudnn.cudnnCreate(dnn), "cudnnCreate");
            made++;
            cudaStream_t runtimeStream = new cudaStream_t(stream);
            device.checkBlas(JCublas2.cublasSetStream(blas, runtimeStream), "cublasSetStream");
            device.checkBlas(JCublas2.cublasSetWorkspace(blas, workspace, workspaceBytes), "cublasSetWorkspace");
            device.checkDnn(JCudnn.cudnnSetStream(dnn, runtimeStream), "cudnnSetStream");
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

    cudnnHandle dnn() {
        return dnn;
    }

    /** Waits until everything on the stream is done. */
    void await() {
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
        device.makeCurrent();
        release(3);
    }
}
