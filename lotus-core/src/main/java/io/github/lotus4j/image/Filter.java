package io.github.lotus4j.image;

/** How values between pixels are found when an image is resized. */
public enum Filter {
    /** Triangle filter, widened when shrinking. */
    BILINEAR,
    /** Keys' cubic with a = -0.5, widened when shrinking. Keys 1981. */
    BICUBIC,
    /** The pixel whose centre is nearest ("nearest-exact"). */
    NEAREST;

    double support() {
        return this == BICUBIC ? 2 : 1;
    }

    double at(double x) {
        double d = Math.abs(x);
        if (this == BILINEAR) {
            return Math.max(0, 1 - d);
        }
        if (d < 1) {
            return (1.5 * d - 2.5) * d * d + 1;
        }
        return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
    }
}
