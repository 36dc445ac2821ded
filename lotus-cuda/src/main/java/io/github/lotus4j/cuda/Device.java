package io.github.lotus4j.cuda;

import io.github.lotus4j.error.InsufficientMemoryException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** One GPU, through its primary context; checks what every call answers. Thread-safe. */
final class Device implements AutoCloseable {
    /** After these, every later call in the context fails, too. CUDA driver API, CUresult. */
    private static final Set<Integer> UNUSABLE = Set.of(
            CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
            CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
            CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
            CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
            CUresult.CUDA_ERROR_ASSERT,
            CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
            CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
            CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
            CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
            CUresult.CUDA_ERROR_INVALID_PC,
            CUresult.CUDA_ERROR_LAUNCH_FAILED,
            CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
            CUresult.CUDA_ERROR_UNKNOWN);

    private final CUdevice handle = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final String name;
    private final int capability;
    private final int sharedBytes;
    private final int multiprocessors;
    private volatile @Nullable String broken;
    private volatile boolean closed;

    /** @param index of the device, from 0 */
    Device(int index) {
        check(JCudaDriver.cuInit(0), "cuInit");
        check(JCudaDriver.cuDeviceGet(handle, index), "cuDeviceGet " + index);
        byte[] characters = new byte[256];
        check(JCudaDriver.cuDeviceGetName(characters, characters.length, handle), "cuDeviceGetName");
        name = new String(characters, StandardCharsets.UTF_8).split("\0", 2)[0];
        capability = 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        sharedBytes = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
        multiprocessors = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        check(JCudaDriver.cuDevicePrimaryCtxRetain(context, handle), "cuDevicePrimaryCtxRetain");
    }

    private int attribute(int which) {
        int[] value = new int[1];
        check(JCudaDriver.cuDeviceGetAttribute(value, which, handle), "cuDeviceGetAttribute");
        return value[0];
    }

    String name() {
        return name;
    }

    /** Ten times the compute capability: 80 for 8.0. */
    int capability() {
        return capability;
    }

    /** Shared memory that one block can have. */
    int sharedBytes() {
        return sharedBytes;
    }

    int multiprocessors() {
        return multiprocessors;
    }

    /** Makes this the device of the calling thread. */
    void use() {
        requireWorking();
        check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
    }

    /** The same, whatever state the device is in: for what must be released. */
    void makeCurrent() {
        JCudaDriver.cuCtxSetCurrent(context);
    }

    /** @throws CudaException if an earlier call has left the device's context unusable */
    void requireWorking() {
        if (broken != null) {
            throw new CudaException("this backend is closed, after " + broken
                    + "; if a new one fails, too, the process must be started again");
        }
        if (closed) {
            throw new IllegalStateException("this backend is closed");
        }
    }

    /** @throws CudaException if a call of the driver has failed */
    void check(int status, String call) {
        if (status != Status.SUCCESS) {
            throw failed(call, Status.cuda(status), UNUSABLE.contains(status));
        }
    }

    /** @throws CudaException if a call of cuBLAS has failed */
    void checkBlas(int status, String call) {
        if (status != Status.SUCCESS) {
            throw failed(call, Status.cublas(status), contextUnusable());
        }
    }

    /** @throws CudaException if a call of cuDNN has failed */
    void checkDnn(int status, String call) {
        if (status != Status.SUCCESS) {
            throw failed(call, Status.cudnn(status), contextUnusable());
        }
    }

    /** The libraries have one answer for everything that went wrong on the device; any call of the driver says what it was. */
    private static boolean contextUnusable() {
        return UNUSABLE.contains(JCudaDriver.cuMemGetInfo(new long[1], new long[1]));
    }

    private CudaException failed(String call, String status, boolean unusable) {
        String what = call + " failed: " + status;
        if (unusable) {
            broken = what;
        }
        return new CudaException(name == null ? what : name + ": " + what);
    }

    /** Bytes that are free now. */
    long freeBytes() {
        long[] free = new long[1];
        use();
        check(JCudaDriver.cuMemGetInfo(free, new long[1]), "cuMemGetInfo");
        return free[0];
    }

    /**
     * @param what is to lie there, for the message
     * @throws InsufficientMemoryException if there is not as much
     */
    Address allocate(long bytes, String what) {
        use();
        Address address = Address.unset();
        int status = JCudaDriver.cuMemAlloc(address, bytes);
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            throw new InsufficientMemoryException(
                    what,
                    bytes,
                    freeBytes(),
                    "of the memory of " + name + "; take a smaller processing resolution, or end what else uses it");
        }
        check(status, "cuMemAlloc");
        return address;
    }

    /** Never throws, so that everything else is freed, too. */
    void free(Address address) {
        if (!closed) {
            makeCurrent();
            int status = JCudaDriver.cuMemFree(address);
            if (UNUSABLE.contains(status) && broken == null) {
                broken = "cuMemFree failed: " + Status.cuda(status);
            }
        }
    }

    void unload(CUmodule module) {
        makeCurrent();
        JCudaDriver.cuModuleUnload(module);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            JCudaDriver.cuCtxSetCurrent(new CUcontext());
            JCudaDriver.cuDevicePrimaryCtxRelease(handle);
        }
    }
}
