package io.github.lotus4j.ops;

/** Whether numbers are numbers, which damaged weights do not give. */
public final class Finite {
    private Finite() {}

    /** Neither infinite nor NaN. */
    public static boolean all(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
