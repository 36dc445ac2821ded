package io.github.lotus4j.weights;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Looks for values that are NaN or infinite. */
final class NonFinite {
    private static final int READ = 1 << 16;

    private NonFinite() {}

    /**
     * Reads all values.
     *
     * @param called a tensor's name, for messages
     * @return the tensors that hold any, a line each; of many the first few, and how many more
     */
    static List<String> in(Collection<StoredTensor> tensors, UnaryOperator<String> called) {
        List<String> found = new ArrayList<>();
        for (StoredTensor tensor : tensors) {
            of(tensor, called.apply(tensor.name()), tensor.file()).ifPresent(found::add);
        }
        return CheckpointException.capped(found, "that are not finite");
    }

    /**
     * Reads all values.
     *
     * @param called for the message
     * @param place the file or the folder that it is in
     * @return how many are not finite, a line; nothing where all are, or are no floating-point numbers
     */
    static Optional<String> of(Parameter tensor, String called, Path place) {
        long count = tensor.dtype().convertible() ? count(tensor) : 0;
        return count == 0
                ? Optional.empty()
                : Optional.of("not finite: %,d of %,d values of %s are NaN or infinite (in %s)"
                        .formatted(count, tensor.elements(), called, place));
    }

    private static long count(Parameter tensor) {
        float[] values = new float[(int) Math.min(READ, tensor.elements())];
        long found = 0;
        for (long at = 0; at < tensor.elements(); at += values.length) {
            int count = (int) Math.min(values.length, tensor.elements() - at);
            tensor.toFloats(at, values, 0, count);
            for (int i = 0; i < count; i++) {
                found += Float.isFinite(values[i]) ? 0 : 1;
            }
        }
        return found;
    }
}
