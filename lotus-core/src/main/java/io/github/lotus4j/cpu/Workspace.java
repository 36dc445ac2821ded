package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where operators run: memory, kernels and a share of the team's time. Kept between runs, each of which begins and ends with it,
 * with what was recorded of them. Not thread-safe.
 */
final class Workspace {
    /** Sizes that are in use in turns; a recording takes some hundred kilobytes. */
    private static final int MOST_RECORDINGS = 4;

    private final WorkerTeam team;
    private final Kernels kernels;
    private final StackMemory memory;
    private final Map<Object, Recording> recordings = new LinkedHashMap<>(MOST_RECORDINGS, 0.75f, true);
    private final HostTensor zeros;
    private double[] moments = {};

    private WorkerTeam.@Nullable Caller caller; // while a run is open
    private BooleanSupplier cancelled = () -> false;
    private @Nullable Runnable checkCancelled;

    Workspace(WorkerTeam team, Kernels kernels, StackMemory memory) {
        this.team = team;
        this.kernels = kernels;
        this.memory = memory;
        zeros = new HostTensor(new float[kernels.panelWidth()], 0, Shape.vector(kernels.panelWidth()), 0);
    }

    /**
     * Begins a run.
     *
     * @param whenCancelled asked before each item
     * @param orThrow throws where a run was cancelled
     */
    void begin(BooleanSupplier whenCancelled, Runnable orThrow) {
        memory.resetPeak();
        cancelled = whenCancelled;
        checkCancelled = orThrow;
        caller = team.join();
    }

    /** Ends a run; what it had is let go of. */
    void end() {
        Objects.requireNonNull(caller).close();
        caller = null;
        cancelled = () -> false;
        checkCancelled = null;
    }

    Kernels kernels() {
        return kernels;
    }

    StackMemory memory() {
        return memory;
    }

    int threads() {
        return team.threads();
    }

    WorkerScratch scratch(int worker) {
        return memory.scratch(worker);
    }

    /** A panel's width of zeros, as any number of rows: what is added to products where there is nothing to add. Not to be written. */
    HostTensor zeros() {
        return zeros;
    }

    /** An array of at least so many values for one operator that runs, with undefined content. */
    double[] moments(int count) {
        if (moments.length < count) {
            moments = new double[count];
        }
        return moments;
    }

    /** Runs the items on the team. */
    void parallel(int items, WorkerTeam.Task task) {
        Objects.requireNonNull(caller, "no run is open").run(items, cancelled, task);
    }

    /** Asked between the steps of an item that may take long: ends the run when it was cancelled. */
    void checkCancelled() {
        Objects.requireNonNull(checkCancelled, "no run is open").run();
    }

    @Nullable
    Recording recording(Object key) {
        return recordings.get(key);
    }

    /** Keeps a recording in the place of the one that was not used for longest. */
    void keep(Object key, Recording recording) {
        recordings.put(key, recording);
        if (recordings.size() > MOST_RECORDINGS) {
            recordings.remove(recordings.keySet().iterator().next());
        }
    }
}
