package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Conv2d;
import io.github.lotus4j.ops.Linear;
import io.github.lotus4j.ops.Norm;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.Parameter;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Weights packed for the CPU; the packed panels live outside the heap until this is closed. */
final class CpuWeights implements PreparedWeights {
    /** What is declared first and read later, in pieces that are independent of each other. */
    interface Loadable {
        int pieces();

        void load(int piece, PackingBuffers buffers);

        long bytes();
    }

    private record Piece(Loadable of, int index) {}

    private final WorkerTeam team;
    private final int panelWidth;
    private final boolean once;
    private final Arena arena = Arena.ofShared();
    private final List<Loadable> declared = new ArrayList<>();
    private long bytes;
    private boolean closed;

    /** @param panelWidth columns of a packed panel */
    CpuWeights(WorkerTeam team, int panelWidth, Backend.Reuse reuse) {
        this.team = team;
        this.panelWidth = panelWidth;
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
        return declare(new CpuLayer(List.of(weight), List.of(bias), window, false, false, panelWidth, arena));
    }

    @Override
    public Linear linear(List<Parameter> weights, List<Parameter> biases) {
        return declare(new CpuLayer(weights, biases, Window.POINT, false, once, panelWidth, arena));
    }

    @Override
    public Linear geglu(Parameter weight, Parameter bias) {
        return declare(new CpuLayer(List.of(weight), List.of(bias), Window.POINT, true, false, panelWidth, arena));
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
