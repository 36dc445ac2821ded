package io.github.lotus4j.cuda;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The CUDA backend, on one device. Thread-safe; each open run has a stream of its own. */
final class CudaBackend implements Backend {
    private final Device device;
    private final Precision precision;
    private final boolean exact;
    private final Kernels kernels;
    private final Convolver convolver;
    private final Deque<Lane> lanes = new ArrayDeque<>(); // idle
    private final Deque<DeviceMemory> memories = new ArrayDeque<>(); // idle
    private boolean closed;

    CudaBackend(int index, Precision precision, BackendSettings settings) {
        this.precision = precision;
        exact = settings.exact();
        device = new Device(index);
        boolean complete = false;
        Kernels loaded = null;
        try {
            loaded = new Kernels(device);
            kernels = loaded;
            convolver = new Convolver(device, precision, exact);
            lanes.add(new Lane(device)); // so that what cannot work fails now
            complete = true;
        } finally {
            if (!complete) {
                if (loaded != null) {
                    loaded.close();
                }
                device.close();
            }
        }
    }

    @Override
    public String name() {
        return CudaBackendProvider.NAME;
    }

    @Override
    public String description() {
        return "CUDA, %s (compute capability %.1f), %s"
                .formatted(
                        device.name(),
                        device.capability() / 10.0,
                        precision.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean exact() {
        return exact;
    }

    Device device() {
        return device;
    }

    Precision precision() {
        return precision;
    }

    Kernels kernels() {
        return kernels;
    }

    Convolver convolver() {
        return convolver;
    }

    @Override
    public PreparedWeights prepare(Reuse reuse) {
        requireOpen();
        return new CudaWeights(this, device, precision);
    }

    @Override
    public Ops open(RunListener listener) {
        Lane lane = takeLane();
        return new CudaOps(listener, this, lane, DeviceMemory.growing(device));
    }

    @Override
    public Ops open(RunListener listener, long bytes) {
        DeviceMemory memory = takeMemory(bytes);
        memory.resetPeak();
        boolean complete = false;
        try {
            CudaOps ops = new CudaOps(listener, this, takeLane(), memory);
            complete = true;
            return ops;
        } finally {
            if (!complete) {
                memory.close();
            }
        }
    }

    @Override
    public Ops measure() {
        return new CudaOps(RunListener.NONE, this, takeLane(), DeviceMemory.measuring());
    }

    private Lane takeLane() {
        requireOpen();
        Lane idle = pollLane();
        return idle == null ? new Lane(device) : idle;
    }

    private synchronized @Nullable Lane pollLane() {
        return lanes.poll();
    }

    /** Memory of an earlier run that is large enough; if none is, one goes, and the new one takes its place. */
    private DeviceMemory takeMemory(long bytes) {
        requireOpen();
        DeviceMemory smaller;
        synchronized (this) {
            for (DeviceMemory memory : memories) {
                if (memory.bytes() >= bytes) {
                    memories.remove(memory);
                    return memory;
                }
            }
            smaller = memories.poll();
        }
        if (smaller != null) {
            smaller.close();
        }
        return DeviceMemory.planned(device, bytes);
    }

    /** Ends a run. */
    void giveBack(Lane lane, DeviceMemory memory) {
        boolean growing = !memory.measures() && !memory.planned();
        try {
            if (growing) {
                lane.await(); // what is still on the stream uses the memory
            }
        } finally {
            synchronized (this) {
                lanes.push(lane);
                if (memory.planned() && !closed) {
                    memories.push(memory);
                }
            }
            if (growing || closed()) {
                memory.close();
            }
        }
    }

    private synchronized boolean closed() {
        return closed;
    }

    /** Writes values into memory that belongs to no run. */
    void write(DeviceTensor to, float[] values) {
        try (Ops ops = open(RunListener.NONE)) {
            ops.upload(to, values);
        }
    }

    @Override
    public long availableBytes() {
        requireOpen();
        long idle;
        synchronized (this) {
            idle = memories.stream().mapToLong(DeviceMemory::bytes).sum();
        }
        return device.freeBytes() + idle;
    }

    private void requireOpen() {
        if (closed()) {
            throw new IllegalStateException("this backend is closed");
        }
        device.requireWorking();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        memories.forEach(DeviceMemory::close);
        lanes.forEach(Lane::close);
        convolver.close();
        kernels.close();
        device.close();
    }
}
