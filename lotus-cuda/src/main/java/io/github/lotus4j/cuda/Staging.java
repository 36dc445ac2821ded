package io.github.lotus4j.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Memory of the host that the device reads and writes by itself, through which everything goes up and down on one stream: other
 * memory would make copies wait, and Java's arrays can be moved. Not thread-safe.
 */
final class Staging implements AutoCloseable {
    static final int BYTES = 16 << 20;

    private final Device device;
    private final CUstream stream;
    private final Pointer host = new Pointer();
    private final MemorySegment bytes;
    private long used;

    Staging(Device device, CUstream stream) {
        this.device = device;
        this.stream = stream;
        device.use();
        device.check(JCudaDriver.cuMemHostAlloc(host, BYTES, 0), "cuMemHostAlloc");
        bytes = MemorySegment.ofBuffer(host.getByteBuffer(0, BYTES));
    }

    /** What brings bytes {@code from} to {@code from} plus the segment's size. */
    interface Reader {
        void read(long from, MemorySegment to);
    }

    void upload(long to, MemorySegment from) {
        upload(to, from.byteSize(), (at, segment) -> segment.copyFrom(from.asSlice(at, segment.byteSize())));
    }

    /** Puts copies to the device on the stream; waits only where this memory is used up. */
    void upload(long to, long size, Reader reader) {
        device.use();
        for (long at = 0; at < size; ) {
            if (used == BYTES) {
                await();
            }
            long count = Math.min(size - at, BYTES - used);
            reader.read(at, bytes.asSlice(used, count));
            device.check(
                    JCudaDriver.cuMemcpyHtoDAsync(new Address(to + at), host.withByteOffset(used), count, stream),
                    "cuMemcpyHtoD");
            used = Math.min(Math.ceilDiv(used + count, DeviceMemory.ALIGNMENT) * DeviceMemory.ALIGNMENT, BYTES);
            at += count;
        }
    }

    /** Waits until everything on the stream is done, and copies from the device. */
    void download(MemorySegment to, long from) {
        device.use();
        for (long at = 0; at < to.byteSize(); at += BYTES) {
            long count = Math.min(to.byteSize() - at, BYTES);
            device.check(JCudaDriver.cuMemcpyDtoHAsync(host, new Address(from + at), count, stream), "cuMemcpyDtoH");
            await();
            to.asSlice(at, count).copyFrom(bytes.asSlice(0, count));
        }
    }

    private void await() {
        device.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
        used = 0;
    }

    @Override
    public void close() {
        device.makeCurrent();
        JCudaDriver.cuMemFreeHost(host);
    }
}
