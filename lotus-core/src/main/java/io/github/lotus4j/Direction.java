package io.github.lotus4j;

/** Directions as networks predict them: {@code (n + 1) / 2}, with n about of unit length. */
final class Direction {
    private Direction() {}

    /**
     * Reads the unit vector of a pixel.
     *
     * @param at index of its first component in {@code image}
     * @param to the unit vector; one that faces the camera where no direction is predicted
     */
    static void read(float[] image, int at, double[] to) {
        for (int c = 0; c < 3; c++) {
            to[c] = 2.0 * image[at + c] - 1;
        }
        normalise(to);
    }

    /** Makes a unit vector; one that faces the camera of none. */
    static void normalise(double[] vector) {
        double length = Math.sqrt(dot(vector, vector));
        for (int c = 0; c < 3; c++) {
            vector[c] = length > 0 ? vector[c] / length : c == 2 ? 1 : 0;
        }
    }

    static double dot(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    }

    /** The angle between two, in degrees; exact for small ones, other than by the arc cosine. */
    static double degrees(double[] a, double[] b) {
        double x = a[1] * b[2] - a[2] * b[1];
        double y = a[2] * b[0] - a[0] * b[2];
        double z = a[0] * b[1] - a[1] * b[0];
        return Math.toDegrees(Math.atan2(Math.sqrt(x * x + y * y + z * z), dot(a, b)));
    }
}
