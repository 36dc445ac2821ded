package io.github.lotus4j.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnBackendDescriptor;

/**
 * A descriptor of cuDNN's graph API: it is given attributes, then finalized, then only read. What it refers to must live as long.
 * Not thread-safe until it is finalized.
 */
final class Descriptor implements AutoCloseable {
    private static final int REASON_BYTES = 2048;

    /** Where its address can be seen. */
    private static final class Handle extends cudnnBackendDescriptor {
        long value() {
            return getNativePointer();
        }
    }

    private final Handle handle = new Handle();
    private final String name;
    private boolean closed;

    /**
     * @param name for messages
     * @throws CudaException if cuDNN has no such descriptor
     */
    Descriptor(int type, String name) {
        this.name = name;
        check(JCudnn.cudnnBackendCreateDescriptor(type, handle), "creating");
    }

    cudnnBackendDescriptor handle() {
        return handle;
    }

    /** Sets numbers. */
    Descriptor set(int attribute, long... values) {
        return set(attribute, GraphApi.CUDNN_TYPE_INT64, values);
    }

    /** Sets places in memory. */
    Descriptor point(int attribute, long... addresses) {
        return set(attribute, GraphApi.CUDNN_TYPE_VOID_PTR, addresses);
    }

    /** Sets cuDNN's handle. */
    Descriptor set(int attribute, DnnHandle dnn) {
        return set(attribute, GraphApi.CUDNN_TYPE_HANDLE, new long[] {dnn.value()});
    }

    /** Sets other descriptors, which have been finalized. */
    Descriptor set(int attribute, Descriptor... others) {
        return set(attribute, GraphApi.CUDNN_TYPE_BACKEND_DESCRIPTOR, addresses(List.of(others)));
    }

    private static long[] addresses(List<Descriptor> all) {
        return all.stream().mapToLong(each -> each.handle.value()).toArray();
    }

    /** Sets a factor. */
    Descriptor scale(int attribute, float factor) {
        return set(attribute, GraphApi.CUDNN_TYPE_FLOAT, 1, MemorySegment.ofArray(new float[] {factor}));
    }

    private Descriptor set(int attribute, int type, long[] values) {
        return set(attribute, type, values.length, MemorySegment.ofArray(values));
    }

    /** Sets a value of one of cuDNN's enumerations. */
    Descriptor choose(int attribute, int type, int value) {
        return set(attribute, type, 1, MemorySegment.ofArray(new int[] {value}));
    }

    /** Sets what is false otherwise. */
    Descriptor mark(int attribute) {
        return set(attribute, GraphApi.CUDNN_TYPE_BOOLEAN, 1, MemorySegment.ofArray(new byte[] {1}));
    }

    /** Sets ASCII text. */
    Descriptor set(int attribute, String text) {
        byte[] terminated = (text + "\0").getBytes(StandardCharsets.US_ASCII); // counted without its end
        return set(attribute, GraphApi.CUDNN_TYPE_CHAR, text.length(), MemorySegment.ofArray(terminated));
    }

    private Descriptor set(int attribute, int type, long count, MemorySegment values) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(values.byteSize(), Long.BYTES).copyFrom(values);
            int status = JCudnn.cudnnBackendSetAttribute(handle, attribute, type, count, pointer(copy));
            check(status, "setting attribute " + attribute + " of");
            return this;
        }
    }

    /** Here JCudnn passes on the address that it is given: an array or a buffer would be none. */
    private static Pointer pointer(MemorySegment memory) {
        return new Address(memory.address());
    }

    /** @throws CudaException if what it describes is incomplete, contradictory or not supported */
    Descriptor complete() {
        check(JCudnn.cudnnBackendFinalize(handle), "finalizing");
        return this;
    }

    /** A number that a finalized one has. */
    long number(int attribute) {
        long[] value = new long[1];
        get(attribute, GraphApi.CUDNN_TYPE_INT64, MemorySegment.ofArray(value), value.length);
        return value[0];
    }

    /**
     * Values of one of cuDNN's enumerations that a finalized one has.
     *
     * @param most of them
     */
    int[] choices(int attribute, int type, int most) {
        int[] values = new int[most];
        return Arrays.copyOf(values, get(attribute, type, MemorySegment.ofArray(values), most));
    }

    /**
     * Makes the first of some descriptors those that this one has.
     *
     * @return how many
     */
    int fill(int attribute, List<Descriptor> others) {
        MemorySegment addresses = MemorySegment.ofArray(addresses(others));
        return get(attribute, GraphApi.CUDNN_TYPE_BACKEND_DESCRIPTOR, addresses, others.size());
    }

    private int get(int attribute, int type, MemorySegment values, int most) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(values.byteSize(), Long.BYTES).copyFrom(values);
            long[] count = new long[1];
            int status = JCudnn.cudnnBackendGetAttribute(handle, attribute, type, most, count, pointer(copy));
            check(status, "reading attribute " + attribute + " of");
            values.copyFrom(copy);
            return Math.clamp(count[0], 0, most);
        }
    }

    private void check(int status, String what) {
        if (status != Status.SUCCESS) {
            String why = reason().map(each -> ": " + each).orElse("");
            throw new CudaException("cuDNN, " + what + " " + name + ": " + Status.cudnn(status) + why);
        }
    }

    /** What cuDNN says of this thread's last failure, which JCudnn cannot ask for. */
    @SuppressWarnings("restricted")
    static Optional<String> reason() {
        Optional<MemorySegment> function = SymbolLookup.loaderLookup().find("cudnnGetLastErrorString");
        if (function.isEmpty()) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(REASON_BYTES);
            Linker.nativeLinker()
                    .downcallHandle(
                            function.get(), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG))
                    .invokeExact(text, (long) REASON_BYTES);
            String said =
                    String.join("; ", Arrays.asList(text.getString(0).strip().split("\\s*\n\\s*")));
            return said.isEmpty() ? Optional.empty() : Optional.of(said);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            JCudnn.cudnnBackendDestroyDescriptor(handle);
        }
    }
}
