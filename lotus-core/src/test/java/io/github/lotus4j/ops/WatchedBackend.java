package io.github.lotus4j.ops;

import io.github.lotus4j.cpu.CpuBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The CPU backend, which lets a test see what is begun and ended. Tests that use it do not run at the same time. */
public final class WatchedBackend implements Backend {
    public static final String NAME = "watched";

    /** All that were opened since a test cleared the list. */
    public static final List<WatchedBackend> OPENED = new ArrayList<>();

    /** Weights that are prepared and not closed. */
    public final AtomicInteger weights = new AtomicInteger();

    /** Runs opened so far, measuring ones not counted. */
    public final AtomicInteger runs = new AtomicInteger();

    /** What {@link #availableBytes()} says. */
    public long available = Long.MAX_VALUE;

    public boolean closed;

    private final Backend backend;

    private WatchedBackend(Backend backend) {
        this.backend = backend;
    }

    /** Found by its name only. */
    public static final class Provider extends NamedProvider {
        public Provider() {
            super(NAME);
        }

        @Override
        public Backend open(BackendSettings settings) {
            WatchedBackend backend = new WatchedBackend(new CpuBackend(settings));
            OPENED.add(backend);
            return backend;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return backend.description();
    }

    @Override
    public Accuracy accuracy() {
        return backend.accuracy();
    }

    @Override
    public PreparedWeights prepare(Reuse reuse) {
        weights.incrementAndGet();
        return new WatchedWeights(backend.prepare(reuse), weights);
    }

    @Override
    public Ops open(RunListener listener) {
        runs.incrementAndGet();
        return backend.open(listener);
    }

    @Override
    public Ops open(RunListener listener, long bytes) {
        runs.incrementAndGet();
        return backend.open(listener, bytes);
    }

    @Override
    public Ops measure() {
        return backend.measure();
    }

    @Override
    public long availableBytes() {
        return available;
    }

    @Override
    public boolean onHeap() {
        return true;
    }

    @Override
    public void close() {
        closed = true;
        backend.close();
    }
}
