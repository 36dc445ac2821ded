package io.github.lotus4j.image;

/** How a camera held its image: Exif 2.32, tag 0x0112. In the order of the tag's values, 1 to 8. */
enum Orientation {
    UPRIGHT,
    MIRRORED,
    UPSIDE_DOWN,
    UPSIDE_DOWN_MIRRORED,
    TRANSPOSED,
    RIGHT_TURN_NEEDED,
    TRANSVERSED,
    LEFT_TURN_NEEDED;

    /** From the tag's value; upright where it has none of its values. */
    static Orientation of(int value) {
        return value >= 1 && value <= 8 ? values()[value - 1] : UPRIGHT;
    }

    /** Whether rows and columns change places. */
    boolean turned() {
        return compareTo(TRANSPOSED) >= 0;
    }

    /** The stored column of the pixel that belongs at {@code (x, y)}; width and height are the stored ones. */
    int sourceX(int x, int y, int width, int height) {
        return switch (this) {
            case UPRIGHT, UPSIDE_DOWN_MIRRORED -> x;
            case MIRRORED, UPSIDE_DOWN -> width - 1 - x;
            case TRANSPOSED, RIGHT_TURN_NEEDED -> y;
            case TRANSVERSED, LEFT_TURN_NEEDED -> width - 1 - y;
        };
    }

    int sourceY(int x, int y, int width, int height) {
        return switch (this) {
            case UPRIGHT, MIRRORED -> y;
            case UPSIDE_DOWN, UPSIDE_DOWN_MIRRORED -> height - 1 - y;
            case TRANSPOSED, LEFT_TURN_NEEDED -> x;
            case RIGHT_TURN_NEEDED, TRANSVERSED -> height - 1 - x;
        };
    }
}
