package io.github.lotus4j.cpu;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.ops.Accuracy;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The CPU backend: 32-bit arithmetic, weights in their stored precision. Thread-safe. */
public final class CpuBackend implements Backend {
    private static final ConvolutionPlanner EXACT =
            (height, width, in, out, doubled) -> ConvolutionPlanner.Algorithm.PRODUCT;
    private final Kernels kernels;
    private final WorkerTeam team;
    private final boolean exact;
    private final ConvolutionPlanner planner;
    private final Optional<Path> cache;
    /** Of earlier runs; given up where other memory would run out. */
    private final Deque<SoftReference<Workspace>> workspaces = new ArrayDeque<>();

    private boolean closed;

    public CpuBackend(BackendSettings settings) {
        this(settings, Kernels.best());
    }

    CpuBackend(BackendSettings settings, Kernels kernels) {
        this(settings, kernels, settings.exact() ? EXACT : ConvolutionTable.best());
    }

    CpuBackend(BackendSettings settings, Kernels kernels, ConvolutionPlanner planner) {
        this.planner = planner;
        this.kernels = kernels;
        team = new WorkerTeam(settings.threads());
        exact = settings.exact();
        cache = settings.packedWeightsCache();
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return "CPU, " + team.threads() + " threads, " + kernels.description();
    }

    @Override
    public Accuracy accuracy() {
        return exact ? Accuracy.EXACT : Accuracy.FAST;
    }

    @Override
    public PreparedWeights prepare(Reuse reuse) {
        requireOpen();
        return new CpuWeights(team, kernels, reuse, reuse == Reuse.MANY ? cache : Optional.empty());
    }

    @Override
    public Ops open(RunListener listener) {
        requireOpen();
        Workspace workspace = new Workspace(team, kernels, StackMemory.growing(team.threads()));
        return new CpuOps(listener, planner, workspace, ended -> {});
    }

    @Override
    public Ops open(RunListener listener, long bytes) {
        requireOpen();
        return new CpuOps(listener, planner, take(bytes), this::giveBack);
    }

    private Workspace take(long bytes) {
        Workspace pooled = pooled(bytes);
        return pooled == null ? new Workspace(team, kernels, allocate(bytes)) : pooled;
    }

    /** Memory of an earlier run that is large enough; if none is, one goes, and the caller's new one will take its place. */
    private synchronized @Nullable Workspace pooled(long bytes) {
        workspaces.removeIf(each -> each.refersTo(null));
        for (SoftReference<Workspace> each : workspaces) {
            Workspace workspace = each.get();
            if (workspace != null && workspace.memory().bytes() >= bytes) {
                workspaces.remove(each);
                return workspace;
            }
        }
        workspaces.pollFirst();
        return null;
    }

    private StackMemory allocate(long bytes) {
        try {
            return StackMemory.planned(bytes, team.threads());
        } catch (OutOfMemoryError e) { // of that one allocation; the heap is as it was before
            throw InsufficientMemoryException.ofSharedHeap("this prediction", bytes, e);
        }
    }

    private synchronized void giveBack(Workspace workspace) {
        workspaces.addFirst(new SoftReference<>(workspace));
    }

    @Override
    public Ops measure() {
        Workspace workspace = new Workspace(team, kernels, StackMemory.measuring());
        return new CpuOps(RunListener.NONE, planner, workspace, ended -> {});
    }

    @Override
    public long availableBytes() {
        return Runtime.getRuntime().maxMemory();
    }

    @Override
    public boolean onHeap() {
        return true;
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this backend is closed");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        team.close();
        workspaces.clear();
    }
}
