package io.github.lotus4j.output;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.NormalMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Maps as files of numbers and of colours, each map by itself.
 *
 * @param colours of previews
 * @param range of depth that they are stretched over; empty for each image's own
 */
record MapFiles(Path folder, Set<Format> formats, ColourMap colours, Optional<ValueRange> range) {
    /** What 65535 stands for in 16 bits of a spread: of depth as in its own file, of normals half a turn, in degrees. */
    private static final float WHOLE_DEPTH = 1;

    private static final float HALF_TURN = 180;

    /** @param grids as {@link Grid#of(DepthMap)} has them */
    List<Path> write(String image, DepthMap depth, List<Grid> grids) {
        Grid grid = grids.getFirst();
        List<Path> written = new ArrayList<>(numbers(image, grid));
        if (formats.contains(Format.PNG)) {
            written.add(grey(image, grid, WHOLE_DEPTH));
        }
        if (formats.contains(Format.PREVIEW)) {
            float min = range.map(ValueRange::min).orElseGet(() -> smallest(grid.values()));
            float max = range.map(ValueRange::max).orElseGet(() -> largest(grid.values()));
            written.add(preview(image, grid, min, max, depth.kind() == DepthKind.AFFINE_DISPARITY));
        }
        written.addAll(spread(image, grids, WHOLE_DEPTH));
        return written;
    }

    /** @param grids as {@link Grid#of(NormalMap)} has them */
    List<Path> write(String image, NormalMap normals, List<Grid> grids) {
        Grid grid = grids.getFirst();
        List<Path> written = new ArrayList<>(numbers(image, grid));
        if (formats.contains(Format.PNG) || formats.contains(Format.PREVIEW)) {
            float[] values = normals.toImage();
            byte[] rgb = new byte[values.length];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) (int) (255 * values[i]); // truncated, as the reference does
            }
            Metadata said = grid.metadata().with("encoding", "floor(255 * (n + 1) / 2), not normalised");
            written.add(rgb(image + "_" + grid.name() + ".png", grid, rgb, said));
        }
        written.addAll(spread(image, grids, HALF_TURN));
        return written;
    }

    private List<Path> numbers(String image, Grid grid) {
        List<Path> written = new ArrayList<>();
        if (formats.contains(Format.NPY)) {
            written.add(write(image, grid, ".npy", out -> Npy.write(out, grid.values(), grid.shape())));
        }
        if (formats.contains(Format.TIFF)) {
            written.add(write(image, grid, ".tiff", out -> Tiff.write(out, grid)));
        }
        return written;
    }

    /** @param whole what 65535 stands for */
    private List<Path> spread(String image, List<Grid> grids, float whole) {
        List<Path> written = new ArrayList<>();
        for (Grid grid : grids.subList(1, grids.size())) {
            written.addAll(numbers(image, grid));
            if (formats.contains(Format.PNG)) {
                written.add(grey(image, grid, whole));
            }
            if (formats.contains(Format.PREVIEW)) {
                written.add(preview(image, grid, 0, largest(grid.values()), true));
            }
        }
        return written;
    }

    private Path grey(String image, Grid grid, float whole) {
        float[] shares = grid.values().clone();
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= whole;
        }
        String encoding = whole == 1 ? "round(65535 * value)" : "round(65535 * value / %.0f)".formatted(whole);
        Metadata said = grid.metadata().with("encoding", encoding);
        return write(image, grid, ".png", out -> Png.writeGrey16(out, shares, grid.width(), grid.height(), said));
    }

    /** @param largeIsNear whether large values are painted as what is near, or most */
    private Path preview(String image, Grid grid, float min, float max, boolean largeIsNear) {
        byte[] rgb = colours.paint(shares(grid.values(), min, max, largeIsNear == colours.beginsNear()));
        Metadata said = grid.metadata()
                .with("encoding", "colours, from " + colours.far() + " to " + colours.near())
                .with("colormap", colours.name().toLowerCase(Locale.ROOT))
                .with("range", min + "," + max);
        return rgb(image + "_" + grid.name() + "_preview.png", grid, rgb, said);
    }

    private Path rgb(String file, Grid grid, byte[] rgb, Metadata said) {
        return NewFile.write(folder.resolve(file), out -> Png.writeRgb(out, rgb, grid.width(), grid.height(), said));
    }

    private Path write(String image, Grid grid, String suffix, NewFile.Content content) {
        return NewFile.write(folder.resolve(image + "_" + grid.name() + suffix), content);
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

    /** From {@code min} at 0 to {@code max} at 1, or the other way round. */
    private static float[] shares(float[] values, float min, float max, boolean reversed) {
        float length = max > min ? max - min : 1;
        float[] shares = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            float share = (values[i] - min) / length;
            shares[i] = reversed ? 1 - share : share;
        }
        return shares;
    }
}
