package io.github.lotus4j.output;

import io.github.lotus4j.SpreadMap;
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
     */
    static List<PredictionFile> of(Set<Format> formats, String name, SpreadMap spread, float whole) {
        int width = spread.width();
        int height = spread.height();
        List<PredictionFile> files = new ArrayList<>();
        if (formats.contains(Format.NPY)) {
            files.add(new PredictionFile(name + ".npy", out -> Npy.write(out, spread.toArray(), height, width)));
        }
        if (formats.contains(Format.PNG)) {
            files.add(new PredictionFile(
                    name + ".png", out -> Png.writeGrey16(out, scaled(spread.toArray(), whole), width, height)));
        }
        if (formats.contains(Format.PREVIEW)) {
            files.add(new PredictionFile(
                    name + "_preview.png",
                    out -> Png.writeRgb(out, new Spectral().paint(certainty(spread.toArray())), width, height)));
        }
        return files;
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
