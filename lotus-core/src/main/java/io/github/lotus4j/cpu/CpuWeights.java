package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.Checkpoint;
import io.github.lotus4j.weights.Parameter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Weights packed for the CPU; the packed panels live outside the heap until this is closed. */
final class CpuWeights implements PreparedWeights {
    /** What is declared first and read later, in pieces that are independent of each other. */
    interface Loadable {
        int pieces();

        void load(int piece, PackingBuffers buffers);

        long bytes();

        /** What of it can be kept between processes. */
        default Optional<PackedWeightsCache.Packed> kept() {
            return Optional.empty();
        }
    }

    private record Piece(Loadable of, int index) {}

    private final WorkerTeam team;
    private final Kernels kernels;
    private final boolean once;
    private final Optional<Path> cache;
    private final Arena arena = Arena.ofShared();
    private final List<Loadable> declared = new ArrayList<>();
    private long bytes;
    private boolean closed;

    /** @param cache the folder where packed weights are kept between processes, if they are */
    CpuWeights(WorkerTeam team, Kernels kernels, Backend.Reuse reuse, Optional<Path> cache) {
        this.team = team;
        this.kernels = kernels;
        this.cache = cache;
        once = reuse == Backend.Reuse.ONCE;
    }

    static float[] loaded(float @Nullable [] values, String name) {
        if (values == null) {
            throw new IllegalStateException(name + " was declared, but load() was not called since");
        }
        return values;
    }

    @Override
    public Conv2d conv2d(Parameter weight, Parameter bias, Window window) {
        return declare(layer(List.of(weight), List.of(bias), window, false, false));
    }

    @Override
    public Linear linear(List<Parameter> weights, List<Parameter> biases) {
        return declare(layer(weights, biases, Window.POINT, false, once));
    }

    @Override
    public Linear geglu(Parameter weight, Parameter bias) {
        return declare(layer(List.of(weight), List.of(bias), Window.POINT, true, false));
    }

    private CpuLayer layer(
            List<Parameter> weights, List<Parameter> biases, Window window, boolean paired, boolean usedOnce) {
        return new CpuLayer(weights, biases, window, paired, usedOnce, kernels.panelWidth(), arena);
    }

    @Override
    public Norm groupNorm(Parameter weight, Parameter bias, int groups, double eps) {
        PreparedWeights.requireGroups(weight, groups);
        return declare(new CpuNorm(weight, bias, groups, eps));
    }

    @Override
    public Norm layerNorm(Parameter weight, Parameter bias, double eps) {
        return declare(new CpuNorm(weight, bias, 0, eps));
    }

    @Override
    public Supplier<float[]> derived(String name, int count, Supplier<float[]> computation) {
        return cache.isEmpty() ? computation : declare(new DerivedValues(name, count, computation));
    }

    @Override
    public void load(Checkpoint checkpoint) {
        List<PackedWeightsCache.Packed> parts =
                declared.stream().flatMap(each -> each.kept().stream()).toList();
        if (cache.isEmpty() || parts.isEmpty()) {
            load();
            return;
        }
        PackedWeightsCache file = new PackedWeightsCache(cache.get(), checkpoint, kernels, parts);
        boolean restored = file.restore(arena, team);
        load();
        if (!restored) {
            file.save();
        }
    }

    @Override
    public void load() {
        List<Piece> pieces = new ArrayList<>();
        for (Loadable each : declared) {
            for (int i = 0; i < each.pieces(); i++) {
                pieces.add(new Piece(each, i));
            }
            bytes += each.bytes();
        }
        declared.clear();
        try (Arena reading = Arena.ofShared()) {
            PackingBuffers[] buffers = new PackingBuffers[team.threads()];
            Arrays.setAll(buffers, worker -> new PackingBuffers(reading));
            team.run(pieces.size(), () -> false, (item, worker) -> {
                Piece piece = pieces.get(item);
                piece.of().load(piece.index(), buffers[worker]);
            });
        }
    }

    @Override
    public Tensor constant(Shape shape, float[] values) {
        PreparedWeights.requireFitting(shape, values);
        bytes += (long) Float.BYTES * values.length;
        return new HostTensor(values.clone(), 0, shape, shape.c());
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            arena.close();
        }
    }

    private <T extends Loadable> T declare(T layer) {
        declared.add(layer);
        return layer;
    }
}
