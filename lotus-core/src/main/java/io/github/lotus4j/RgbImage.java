package io.github.lotus4j;

import io.github.lotus4j.image.ImageException;
import io.github.lotus4j.image.ImageFile;
import io.github.lotus4j.image.Photograph;
import io.github.lotus4j.image.Pixels;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;

/** An image of 8 bits a channel, red, green, blue. Immutable. */
public final class RgbImage {
    private final Pixels pixels;
    private final OptionalInt focalLength35mm;

    private RgbImage(Pixels pixels, OptionalInt focalLength35mm) {
        this.pixels = pixels;
        this.focalLength35mm = focalLength35mm;
    }

    /**
     * An image from its bytes, which are copied.
     *
     * @param rgb {@code [height, width, 3]}, row by row from the top, 0 to 255 as unsigned bytes
     * @throws ImageException if there are not {@code width · height · 3}
     */
    public static RgbImage of(int width, int height, byte[] rgb) {
        Objects.requireNonNull(rgb, "rgb");
        return new RgbImage(new Pixels(width, height, rgb.clone()), OptionalInt.empty());
    }

    /**
     * An image from one of Java's. Samples are taken as they are: colour profiles are not applied, transparency is dropped, not
     * blended, 16 bits are rounded to 8, floating-point samples taken from 0 to 1.
     *
     * @throws ImageException if it is neither grey nor red, green, blue
     */
    public static RgbImage of(BufferedImage image) {
        return new RgbImage(Pixels.of(image), OptionalInt.empty());
    }

    /**
     * An image from a file: PNG, JPEG (also CMYK), TIFF, BMP, GIF, and of formats whose ImageIO readers are on the class path, as
     * {@code com.twelvemonkeys.imageio:imageio-webp} and {@code imageio-tiff} (16 bits with a predictor, BigTIFF, half precision) are. It is
     * turned upright as its Exif orientation says; colour profiles are not applied, as in the reference.
     *
     * @throws ImageException if it cannot be read
     */
    public static RgbImage read(Path path) {
        return of(ImageFile.readPhotograph(path));
    }

    /**
     * An image from a file in memory, as {@link #read} has it.
     *
     * @param name what messages call it
     * @param file not changed
     * @throws ImageException if it cannot be read
     */
    public static RgbImage decode(String name, byte[] file) {
        return of(ImageFile.decode(name, file));
    }

    private static RgbImage of(Photograph photograph) {
        return new RgbImage(photograph.pixels(), photograph.focalLength35mm());
    }

    public int width() {
        return pixels.width();
    }

    public int height() {
        return pixels.height();
    }

    /**
     * The focal length in millimetres of a lens that would see as much on 36 mm × 24 mm film, where the image's file says so; of the
     * camera's whole frame, so wrong for an image that was cropped later.
     */
    public OptionalInt focalLength35mm() {
        return focalLength35mm;
    }

    /** A copy of the pixels, {@code [height, width, 3]}. */
    public byte[] toArray() {
        return pixels.rgb().clone();
    }

    /** The pixels themselves, which nobody may change. */
    byte[] pixels() {
        return pixels.rgb();
    }
}
