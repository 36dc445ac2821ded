package io.github.lotus4j.cli.plan;

import io.github.lotus4j.error.LotusException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An image's size in pixels. As text it is height × width, as everywhere where arrays are meant: 1080x1920 lies on its side. */
public record ImageSize(int height, int width) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})[xX×](\\d{1,9})");

    /** What an image can have, three bytes each in one array. */
    private static final int MOST_PIXELS = Integer.MAX_VALUE / 3;

    /** @throws LotusException if it is no size of an image */
    public static ImageSize of(String text) {
        Matcher sides = TEXT.matcher(text);
        if (!sides.matches()) {
            throw new LotusException("found " + text + ", expected height x width in pixels, as 1080x1920");
        }
        ImageSize size = new ImageSize(Integer.parseInt(sides.group(1)), Integer.parseInt(sides.group(2)));
        long pixels = size.pixels();
        if (pixels < 1 || pixels > MOST_PIXELS) {
            throw new LotusException(
                    "found " + text + ", which is " + pixels + " pixels, expected 1 to " + MOST_PIXELS + " in all");
        }
        return size;
    }

    public long pixels() {
        return (long) height * width;
    }

    @Override
    public String toString() {
        return height + "×" + width;
    }
}
