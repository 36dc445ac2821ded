package io.github.lotus4j.cuda;

import java.util.Map;
import jcuda.driver.CUresult;
import jcuda.jcublas.cublasStatus;

/**
 * What the libraries answer, in words. cuDNN's numbers are those of version 9, which renumbered them: JCudnn's own table is of
 * version 8.
 */
final class Status {
    static final int SUCCESS = 0;

    private static final Map<Integer, String> CUDNN_9 = Map.ofEntries(
            Map.entry(1001, "CUDNN_STATUS_NOT_INITIALIZED"),
            Map.entry(1002, "CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH"),
            Map.entry(1003, "CUDNN_STATUS_SERIALIZATION_VERSION_MISMATCH"),
            Map.entry(1005, "CUDNN_STATUS_LICENSE_ERROR"),
            Map.entry(1006, "CUDNN_STATUS_RUNTIME_IN_PROGRESS"),
            Map.entry(1007, "CUDNN_STATUS_RUNTIME_FP_OVERFLOW"),
            Map.entry(1008, "CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED"),
            Map.entry(2000, "CUDNN_STATUS_BAD_PARAM"),
            Map.entry(2002, "CUDNN_STATUS_BAD_PARAM_NULL_POINTER"),
            Map.entry(2003, "CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER"),
            Map.entry(2008, "CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH"),
            Map.entry(3000, "CUDNN_STATUS_NOT_SUPPORTED"),
            Map.entry(3007, "CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH"),
            Map.entry(4000, "CUDNN_STATUS_INTERNAL_ERROR"),
            Map.entry(4004, "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"),
            Map.entry(5000, "CUDNN_STATUS_EXECUTION_FAILED"),
            Map.entry(5001, "CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER"),
            Map.entry(5003, "CUDNN_STATUS_EXECUTION_FAILED_CUDART"));

    private Status() {}

    static String cuda(int status) {
        return named(CUresult.stringFor(status), status);
    }

    static String cublas(int status) {
        return named(cublasStatus.stringFor(status), status);
    }

    static String cudnn(int status) {
        String family = status >= 5000
                ? "CUDNN_STATUS_EXECUTION_FAILED"
                : status >= 4000
                        ? "CUDNN_STATUS_INTERNAL_ERROR"
                        : status >= 3000 ? "CUDNN_STATUS_NOT_SUPPORTED" : "CUDNN_STATUS_BAD_PARAM";
        return named(CUDNN_9.getOrDefault(status, family), status);
    }

    private static String named(String name, int status) {
        return name + " (" + status + ")";
    }
}
