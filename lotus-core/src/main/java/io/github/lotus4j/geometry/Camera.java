package io.github.lotus4j.geometry;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.util.Objects;

/**
 * A pinhole camera: the point (X, Y, Z), x to the right, y down, z forward, is seen at column {@code fx · X / Z + cx}, row
 * {@code fy · Y / Z + cy}, where the pixel in column x, row y reaches from x to x + 1 and from y to y + 1. Its centre is therefore at
 * x + ½, y + ½; a principal point that counts from pixel centres, as OpenCV's, is half a pixel less in both directions.
 *
 * @param width of its images, in pixels
 * @param height of its images, in pixels
 * @param fx focal length in widths of a pixel
 * @param fy focal length in heights of a pixel
 * @param cx column of the principal point, in pixels from the image's left edge; width / 2 where it is not known
 * @param cy row of the principal point, in pixels from the image's upper edge; height / 2 where it is not known
 */
public record Camera(int width, int height, double fx, double fy, double cx, double cy) {
    /** What is assumed of an image that does not say: so many degrees across its longer edge, about a 31 mm lens on film. */
    public static final double DEFAULT_FIELD_OF_VIEW = 60;

    private static final double FILM_DIAGONAL_MM = Math.hypot(36, 24);

    /** @throws LotusException if a side or a focal length is not positive, or a number is not finite */
    public Camera {
        if (width < 1 || height < 1) {
            throw new LotusException(
                    "camera: found images of %d×%d pixels, expected at least 1×1".formatted(width, height));
        }
        if (!(fx > 0 && fy > 0) || !Double.isFinite(fx + fy + cx + cy)) {
            throw new LotusException(
                    "camera: found fx %s, fy %s, cx %s, cy %s, expected finite ones, fx and fy more than 0"
                            .formatted(fx, fy, cx, cy));
        }
    }

    /**
     * A camera that sees so much across the image's width.
     *
     * @param degrees more than 0, less than 180
     * @throws LotusException if they are not
     */
    public static Camera ofHorizontalFieldOfView(int width, int height, double degrees) {
        return centered(width, height, focalLength(width, degrees));
    }

    /**
     * A camera by the focal length of a lens that would see as much on film of 36 mm × 24 mm, across the diagonal, as Exif's
     * FocalLengthIn35mmFilm has it (CIPA DCG-001).
     *
     * @throws LotusException if it is not positive
     */
    public static Camera ofFocalLength35mm(int width, int height, double millimetres) {
        return centered(width, height, millimetres * Math.hypot(width, height) / FILM_DIAGONAL_MM);
    }

    /**
     * The camera of an image, by the focal length that its file names; where it names none, one that sees
     * {@link #DEFAULT_FIELD_OF_VIEW} across the longer edge.
     */
    public static Camera of(RgbImage image) {
        Objects.requireNonNull(image, "image");
        int width = image.width();
        int height = image.height();
        return image.focalLength35mm().isPresent()
                ? ofFocalLength35mm(width, height, image.focalLength35mm().getAsInt())
                : centered(width, height, focalLength(Math.max(width, height), DEFAULT_FIELD_OF_VIEW));
    }

    private static double focalLength(int pixels, double degrees) {
        if (!(degrees > 0 && degrees < 180)) {
            throw new LotusException("camera: found a field of view of %s degrees, expected more than 0, less than 180"
                    .formatted(degrees));
        }
        return pixels / 2.0 / Math.tan(Math.toRadians(degrees) / 2);
    }

    private static Camera centered(int width, int height, double focalLength) {
        return new Camera(width, height, focalLength, focalLength, width / 2.0, height / 2.0);
    }

    /**
     * n · r: how much of a pixel's normal lies along its ray r = ((x + ½ - cx) / fx, (y + ½ - cy) / fy, 1).
     *
     * @param normals in OpenCV's axes, {@code [height, width, 3]}
     */
    double alongRay(float[] normals, int x, int y) {
        int at = 3 * (y * width + x);
        return normals[at] * (x + 0.5 - cx) / fx + normals[at + 1] * (y + 0.5 - cy) / fy + normals[at + 2];
    }

    /** How much it sees across an image's width, in degrees. */
    public double horizontalFieldOfView() {
        return Math.toDegrees(Math.atan(cx / fx) + Math.atan((width - cx) / fx));
    }

    /** The same camera with images resized to so many pixels. */
    public Camera resized(int newWidth, int newHeight) {
        double x = (double) newWidth / width;
        double y = (double) newHeight / height;
        return new Camera(newWidth, newHeight, fx * x, fy * y, cx * x, cy * y);
    }
}
