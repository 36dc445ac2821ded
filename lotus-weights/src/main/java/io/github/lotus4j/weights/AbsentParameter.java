package io.github.lotus4j.weights;

import java.lang.foreign.MemorySegment;

/** Stands in for a parameter that cannot be had, so that a model can go on asking and all problems are known at once. */
record AbsentParameter(String name, int[] shape, String problem) implements Parameter {
    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public int[] shape() {
        return shape.clone();
    }

    @Override
    public long elements() {
        return Shapes.elements(shape);
    }

    @Override
    public MemorySegment data() {
        throw new CheckpointException(problem);
    }

    @Override
    public void read(long from, MemorySegment to) {
        throw new CheckpointException(problem);
    }

    @Override
    public float[] toFloats() {
        throw new CheckpointException(problem);
    }

    @Override
    public void toFloats(long from, float[] to, int at, int count) {
        throw new CheckpointException(problem);
    }
}
