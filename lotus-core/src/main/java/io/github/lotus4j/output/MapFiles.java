package io.github.lotus4j.output;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.NormalMap;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Maps as files of numbers and of colours, each map by itself. What is in a file is made when it is written.
 *
 * @param colours of previews
 * @param range of depth that they are stretched over; empty for each image's own
 */
record MapFiles(Set<Format> formats, ColourMap colours, Optional<ValueRange> range) {
    /** What 65535 stands for in 16 bits of a spread: of depth as in its own file, of normals half a turn, in degrees. */
    private static final float WHOLE_DEPTH = 1;

    private static final float HALF_TURN = 180;

    /** @param grids as {@link Grid#of(DepthMap)} has them */
    List<PredictionFile> of(String image, DepthMap depth, List<Grid> grids) {
        Grid grid = grids.getFirst();
        List<PredictionFile> files = new ArrayList<>(numbers(image, grid));
        if (formats.contains(Format.PNG)) {
            files.add(grey(image, grid, WHOLE_DEPTH));
        }
        if (formats.contains(Format.PREVIEW)) {
            boolean disparity = depth.kind() == DepthKind.AFFINE_DISPARITY;
            files.add(file(image, grid, "_preview.png", out -> {
                float[] values = grid.values();
                float min = range.map(ValueRange::min).orElseGet(() -> smallest(values));
                float max = range.map(ValueRange::max).orElseGet(() -> largest(values));
                writePreview(out, grid, values, min, max, disparity);
            }));
        }
        files.addAll(spread(image, grids, WHOLE_DEPTH));
        return files;
    }

    /** @param grids as {@link Grid#of(NormalMap)} has them */
    List<PredictionFile> of(String image, NormalMap normals, List<Grid> grids) {
        Grid grid = grids.getFirst();
        List<PredictionFile> files = new ArrayList<>(numbers(image, grid));
        if (formats.contains(Format.PNG) || formats.contains(Format.PREVIEW)) {
            files.add(file(image, grid, ".png", out -> writeColours(out, grid, normals)));
        }
        files.addAll(spread(image, grids, HALF_TURN));
        return files;
    }

    private List<PredictionFile> numbers(String image, Grid grid) {
        List<PredictionFile> files = new ArrayList<>();
        if (formats.contains(Format.NPY)) {
            files.add(file(image, grid, ".npy", out -> Npy.write(out, grid.values(), grid.shape())));
        }
        if (formats.contains(Format.TIFF)) {
            files.add(file(image, grid, ".tiff", out -> Tiff.write(out, grid)));
        }
        return files;
    }

    /** @param whole what 65535 stands for */
    private List<PredictionFile> spread(String image, List<Grid> grids, float whole) {
        List<PredictionFile> files = new ArrayList<>();
        for (Grid grid : grids.subList(1, grids.size())) {
            files.addAll(numbers(image, grid));
            if (formats.contains(Format.PNG)) {
                files.add(grey(image, grid, whole));
            }
            if (formats.contains(Format.PREVIEW)) {
                files.add(file(image, grid, "_preview.png", out -> {
                    float[] values = grid.values();
                    writePreview(out, grid, values, 0, largest(values), true);
                }));
            }
        }
        return files;
    }

    private static PredictionFile grey(String image, Grid grid, float whole) {
        String encoding = whole == 1 ? "round(65535 * value)" : "round(65535 * value / " + Math.round(whole) + ")";
        Metadata said = grid.metadata().with("encoding", encoding);
        return file(image, grid, ".png", out -> {
            float[] shares = grid.values();
            for (int i = 0; i < shares.length; i++) {
                shares[i] /= whole;
            }
            Png.writeGrey16(out, shares, grid.width(), grid.height(), said);
        });
    }

    private static void writeColours(OutputStream out, Grid grid, NormalMap normals) throws IOException {
        Metadata said = grid.metadata().with("encoding", "floor(255 * (n + 1) / 2), not normalised");
        Png.writeRgb(out, normals.toRgb(), grid.width(), grid.height(), said);
    }

    /** @param largeIsNear whether large values are painted as what is near, or most */
    private void writePreview(OutputStream out, Grid grid, float[] values, float min, float max, boolean largeIsNear)
            throws IOException {
        byte[] rgb = colours.paint(values, min, max, largeIsNear);
        Metadata said = grid.metadata()
                .with("encoding", "colours, from " + colours.far() + " to " + colours.near())
                .with("colormap", colours.name().toLowerCase(Locale.ROOT))
                .with("range", min + "," + max);
        Png.writeRgb(out, rgb, grid.width(), grid.height(), said);
    }

    private static PredictionFile file(String image, Grid grid, String suffix, FileContent content) {
        return new PredictionFile(image + "_" + grid.name() + suffix, content);
    }

    private static float smallest(float[] values) {
        float smallest = Float.POSITIVE_INFINITY;
        for (float value : values) {
            smallest = Math.min(smallest, value);
        }
        return smallest;
    }

    private static float largest(float[] values) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        return largest;
    }
}
