package io.github.lotus4j.weights;

import java.util.Arrays;

/** What the shapes of stored tensors have in common. */
final class Shapes {
    private Shapes() {}

    /**
     * The product of the dimensions; 1 for a scalar.
     *
     * @throws ArithmeticException if it does not fit a long
     */
    static long elements(int[] shape) {
        long product = 1;
        for (int dimension : shape) {
            product = Math.multiplyExact(product, (long) dimension);
        }
        return product;
    }

    /** Whether both are the same but for ones at the end: a 1×1 convolution [O, I, 1, 1] is a matrix [O, I]. */
    static boolean agree(int[] one, int[] other) {
        return Arrays.equals(one, 0, significant(one), other, 0, significant(other));
    }

    private static int significant(int[] shape) {
        int rank = shape.length;
        while (rank > 0 && shape[rank - 1] == 1) {
            rank--;
        }
        return rank;
    }
}
