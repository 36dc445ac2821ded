package io.github.lotus4j.cuda;

import io.github.lotus4j.error.LotusException;

/** A call of CUDA, cuBLAS or cuDNN failed. */
public final class CudaException extends LotusException {
    private static final long serialVersionUID = 1L;

    CudaException(String message) {
        super(message);
    }
}
