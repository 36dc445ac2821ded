package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.RunListener;
import java.util.concurrent.ConcurrentLinkedDeque;

/** The CPU backend: 32-bit arithmetic, weights in their stored precision. Thread-safe. */
public final class CpuBackend implements Backend {
    private final Kernels kernels;
    private final WorkerTeam team;
    private final ConcurrentLinkedDeque<StackMemory> memories = new ConcurrentLinkedDeque<>();

    public CpuBackend(BackendSettings settings) {
        this(settings, Kernels.best());
    }

    CpuBackend(BackendSettings settings, Kernels kernels) {
        this.kernels = kernels;
        team = new WorkerTeam(settings.threads());
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
    public PreparedWeights prepare(Reuse reuse) {
        return new CpuWeights(team, reuse);
    }

    @Override
    public Ops open(RunListener listener) {
        StackMemory kept = memories.pollFirst();
        StackMemory memory = kept == null ? new StackMemory(false) : kept;
        memory.resetPeak();
        return new CpuOps(listener, team, kernels, memory, memories::addFirst);
    }

    @Override
    public Ops measure() {
        return new CpuOps(RunListener.NONE, team, kernels, new StackMemory(true), memory -> {});
    }

    @Override
    public long availableBytes() {
        return Runtime.getRuntime().maxMemory();
    }

    @Override
    public void close() {
        team.close();
        memories.clear();
    }
}
