package io.github.lotus4j.image;

import java.awt.image.Raster;
import java.nio.charset.StandardCharsets;

/**
 * Four-channel JPEGs, which Java decodes but does not convert. Inks are stored inverted, as Adobe's programs do; with their
 * transform 2 the first three are YCbCr of the inverted inks (ITU-T T.871).
 */
final class CmykJpeg {
    private static final int APP14 = 0xee;
    private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);
    private static final int YCCK = 2;

    private CmykJpeg() {}

    /** @param inks the raster as decoded, four bands */
    static Pixels convert(byte[] file, Raster inks) {
        int width = inks.getWidth();
        int height = inks.getHeight();
        boolean luminance = transform(file) == YCCK;
        byte[] rgb = new byte[3 * width * height];
        int[] row = new int[4 * width];
        for (int y = 0, at = 0; y < height; y++) {
            inks.getPixels(0, y, width, 1, row);
            for (int x = 0; x < row.length; x += 4) {
                if (luminance) {
                    toInks(row, x);
                }
                int white = row[x + 3];
                for (int c = 0; c < 3; c++) {
                    rgb[at++] = (byte) ((row[x + c] * white + 127) / 255);
                }
            }
        }
        return new Pixels(width, height, rgb);
    }

    private static void toInks(int[] row, int x) {
        double luma = row[x];
        double blue = row[x + 1] - 128;
        double red = row[x + 2] - 128;
        row[x] = 255 - clamp(luma + 1.402 * red);
        row[x + 1] = 255 - clamp(luma - 0.344136 * blue - 0.714136 * red);
        row[x + 2] = 255 - clamp(luma + 1.772 * blue);
    }

    private static int clamp(double value) {
        return (int) Math.clamp(Math.round(value), 0L, 255L);
    }

    /** Whether the file's frame has four channels. */
    static boolean is(byte[] file) {
        return JpegSegment.find(file, CmykJpeg::isFrame)
                .filter(frame -> frame.content().limit() > 5 && frame.content().get(5) == 4)
                .isPresent();
    }

    /** 0xc0 to 0xcf without tables (c4, cc) and what is reserved (c8). */
    private static boolean isFrame(JpegSegment segment) {
        return (segment.marker() & 0xf0) == 0xc0
                && segment.marker() != 0xc4
                && segment.marker() != 0xc8
                && segment.marker() != 0xcc;
    }

    /** The last byte of Adobe's segment; 0 where there is none. */
    private static int transform(byte[] file) {
        return JpegSegment.find(
                        file,
                        segment -> segment.marker() == APP14
                                && segment.startsWith(ADOBE)
                                && segment.content().limit() > 11)
                .map(segment -> segment.content().get(11) & 0xff)
                .orElse(0);
    }
}
