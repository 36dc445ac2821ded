package io.github.lotus4j.cli.eval;

import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.RgbImage;

/**
 * A black frame around an image that makes its sides whole multiples of 32 pixels, as DSINE's evaluation has one. The frame of Lotus's
 * evaluation is darker than black, by constants that belong to another network's input; there is no such pixel.
 *
 * @param area where the image lies
 * @param width of the whole
 * @param height of the whole
 */
record Framing(Area area, int width, int height) {
    private static final int MULTIPLE = 32;

    static Framing of(int width, int height) {
        int wholeWidth = Math.ceilDiv(width, MULTIPLE) * MULTIPLE;
        int wholeHeight = Math.ceilDiv(height, MULTIPLE) * MULTIPLE;
        Area area = new Area((wholeWidth - width) / 2, (wholeHeight - height) / 2, width, height);
        return new Framing(area, wholeWidth, wholeHeight);
    }

    RgbImage around(RgbImage image) {
        return area.within(image, width, height);
    }

    /** What was predicted of the image, without the frame. */
    NormalMap undo(NormalMap framed) {
        Plane whole = new Plane(framed.width(), framed.height(), 3, framed.toArray());
        Plane image = whole.resized(width, height).cropped(area);
        return NormalMap.of(image.width(), image.height(), image.values(), NormalAxes.DSINE);
    }
}
