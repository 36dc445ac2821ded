package io.github.lotus4j.output;

import io.github.lotus4j.SpreadMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** How far an ensemble's predictions differ, in files. */
final class SpreadFiles {
    /** What 65535 stands for in 16 bits: of depth as in its own file, of normals half a turn, in degrees. */
    static final float WHOLE_DEPTH = 1;

    static final float HALF_TURN = 180;

    private SpreadFiles() {}

    /**
     * {@code NAME.npy} as it is, {@code NAME.png} as round(65535 · value / whole), {@code NAME_preview.png} in colours from blue at 0
     * to red at the image's largest value.
     *
     * @return what was written
     * @throws OutputException if a file cannot be written
     */
    static List<Path> write(Path folder, Set<Format> formats, String name, SpreadMap spread, float whole) {
        int width = spread.width();
        int height = spread.height();
        float[] values = spread.toArray();
        List<Path> written = new ArrayList<>();
        if (formats.contains(Format.NPY)) {
            written.add(NewFile.write(folder.resolve(name + ".npy"), out -> Npy.write(out, values, height, width)));
        }
        if (formats.contains(Format.PNG)) {
            float[] shares = scaled(values, whole);
            written.add(
                    NewFile.write(folder.resolve(name + ".png"), out -> Png.writeGrey16(out, shares, width, height)));
        }
        if (formats.contains(Format.PREVIEW)) {
            byte[] rgb = new Spectral().paint(certainty(values));
            written.add(
                    NewFile.write(folder.resolve(name + "_preview.png"), out -> Png.writeRgb(out, rgb, width, height)));
        }
        return written;
    }

    private static float[] scaled(float[] values, float whole) {
        float[] scaled = new float[values.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = values[i] / whole;
        }
        return scaled;
    }

    /** 1 where there is no spread, 0 where it is largest. */
    private static float[] certainty(float[] values) {
        float largest = Float.MIN_NORMAL;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        float[] certainty = scaled(values, largest);
        for (int i = 0; i < certainty.length; i++) {
            certainty[i] = 1 - certainty[i];
        }
        return certainty;
    }
}
