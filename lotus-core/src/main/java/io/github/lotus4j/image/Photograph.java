package io.github.lotus4j.image;

import java.util.OptionalInt;

/**
 * An image file's pixels, upright, and what its camera noted.
 *
 * @param focalLength35mm the focal length in millimetres of a lens that would see as much on 36 mm × 24 mm film (Exif's
 *     FocalLengthIn35mmFilm), where the file says it; of the whole frame, so wrong for an image that was cropped later
 */
public record Photograph(Pixels pixels, OptionalInt focalLength35mm) {}
