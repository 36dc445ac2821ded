package io.github.lotus4j.cuda;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.ops.Accuracy;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The CUDA backend, on one device. Thread-safe; each open run has a stream of its own. */
final class CudaBackend implements Backend {
    private static final Logger LOG = LoggerFactory.getLogger(CudaBackend.class);

    private final Device device;
    private final Precision precision;
    private final Kernels kernels;
    private final Convolver convolver;
    private final @Nullable FusedAttention fusedAttention; // where it was asked for and can be had
    private final @Nullable FusedConvolution fusedConvolution; // likewise
    private final Deque<Lane> lanes = new ArrayDeque<>(); // idle
    private boolean closed;

    CudaBackend(CudaOptions options) {
        precision = options.precision();
        device = new Device(options.index());
        Kernels loaded = null;
        Convolver made = null;
        boolean complete = false;
        try {
            loaded = new Kernels(device);
            made = new Convolver(device, precision);
            lanes.add(new Lane(device)); // so that what cannot work fails now
            complete = true;
        } finally {
            if (!complete) {
                if (made != null) {
                    made.close();
                }
                if (loaded != null) {
                    loaded.close();
                }
                device.close();
            }
        }
        kernels = loaded;
        convolver = made;
        Optional<String> noAttention = FusedAttention.unavailable(device.capability(), precision);
        Optional<String> noConvolution = FusedConvolution.unavailable(precision);
        if (options.fused()) {
            noAttention.ifPresent(why -> LOG.warn("{}: attention is not fused: {}", device.name(), why));
            noConvolution.ifPresent(why -> LOG.warn("{}: convolutions are not fused: {}", device.name(), why));
        }
        fusedAttention = options.fused() && noAttention.isEmpty() ? new FusedAttention(device) : null;
        fusedConvolution = options.fused() && noConvolution.isEmpty() ? new FusedConvolution(device, precision) : null;
    }

    @Override
    public String name() {
        return CudaBackendProvider.NAME;
    }

    @Override
    public String description() {
        return "CUDA, %s (compute capability %.1f), %s%s"
                .formatted(
                        device.name(),
                        device.capability() / 10.0,
                        precision.name().toLowerCase(Locale.ROOT),
                        fused());
    }

    private String fused() {
        String attention = fusedAttention == null ? "" : ", fused attention";
        return attention + (fusedConvolution == null ? "" : ", fused convolutions");
    }

    @Override
    public Accuracy accuracy() {
        return switch (precision) {
            case F16 -> Accuracy.HALF;
            case BF16 -> Accuracy.BFLOAT;
            case F32 -> Accuracy.EXACT;
        };
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

    @Nullable
    FusedAttention fusedAttention() {
        return fusedAttention;
    }

    @Nullable
    FusedConvolution fusedConvolution() {
        return fusedConvolution;
    }

    @Override
    public PreparedWeights prepare(Reuse reuse) {
        requireOpen();
        return new CudaWeights(this, device, precision);
    }

    @Override
    public Ops open(RunListener listener) {
        return new CudaOps(listener, this, takeLane(0), DeviceMemory.growing(device));
    }

    @Override
    public Ops open(RunListener listener, long bytes) {
        Lane lane = takeLane(bytes);
        boolean complete = false;
        try {
            DeviceMemory memory = plannedMemory(lane, bytes);
            memory.restart();
            complete = true;
            return new CudaOps(listener, this, lane, memory);
        } finally {
            if (!complete) {
                giveBack(lane);
            }
        }
    }

    private DeviceMemory plannedMemory(Lane lane, long bytes) {
        try {
            return lane.memory(bytes);
        } catch (InsufficientMemoryException e) { // idle lanes keep theirs
            synchronized (this) {
                lanes.forEach(Lane::forget);
            }
            return lane.memory(bytes);
        }
    }

    @Override
    public Ops measure() {
        return new CudaOps(RunListener.NONE, this, takeLane(0), DeviceMemory.measuring());
    }

    /** An idle lane, of those with as much memory the one that was used last; a new one where none is idle. */
    Lane takeLane(long bytes) {
        requireOpen();
        synchronized (this) {
            Lane best = lanes.peek();
            for (Lane lane : lanes) {
                if (lane.plannedBytes() >= bytes) {
                    best = lane;
                    break;
                }
            }
            if (best != null) {
                lanes.remove(best);
                return best;
            }
        }
        return new Lane(device);
    }

    /** Ends a run. */
    synchronized void giveBack(Lane lane) {
        if (closed || lane.recordings().stuck()) {
            lane.close();
        } else {
            lanes.push(lane);
        }
    }

    @Override
    public long availableBytes() {
        requireOpen();
        long idle;
        synchronized (this) {
            idle = lanes.stream().mapToLong(Lane::plannedBytes).sum();
        }
        return device.freeBytes() + idle;
    }

    @Override
    public boolean onHeap() {
        return false;
    }

    private void requireOpen() {
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("this backend is closed");
            }
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
        lanes.forEach(Lane::close);
        if (fusedAttention != null) {
            fusedAttention.close();
        }
        if (fusedConvolution != null) {
            fusedConvolution.close();
        }
        convolver.close();
        kernels.close();
        device.close();
    }
}
