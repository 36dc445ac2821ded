package io.github.lotus4j.cpu;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Values that follow from the checkpoint: computed when they are first asked for, unless they were kept. */
final class DerivedValues implements CpuWeights.Loadable, PackedWeightsCache.Packed, Supplier<float[]> {
    private final String name;
    private final int count;
    private final Supplier<float[]> computation;
    private float @Nullable [] values;

    DerivedValues(String name, int count, Supplier<float[]> computation) {
        this.name = name;
        this.count = count;
        this.computation = computation;
    }

    @Override
    public float[] get() {
        if (values == null) {
            values = computation.get();
        }
        return values;
    }

    @Override
    public int pieces() {
        return 0;
    }

    @Override
    public void load(int piece, PackingBuffers buffers) {
        throw new IllegalStateException(name + " has no pieces");
    }

    @Override
    public Optional<PackedWeightsCache.Packed> kept() {
        return Optional.of(this);
    }

    @Override
    public String layout() {
        return name + " " + count;
    }

    @Override
    public long bytes() {
        return (long) Float.BYTES * count;
    }

    @Override
    public void place(MemorySegment bytes) {
        values = bytes.toArray(ValueLayout.JAVA_FLOAT);
    }

    @Override
    public void writeTo(PackedFileWriter writer) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            writer.write(arena.allocateFrom(ValueLayout.JAVA_FLOAT, get()));
        }
    }
}
