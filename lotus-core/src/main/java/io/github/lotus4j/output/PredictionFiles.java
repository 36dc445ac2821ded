package io.github.lotus4j.output;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.geometry.TriangleMesh;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What files predictions become, and what is in them, wherever they are written to. What is in a file is made when it is written, and
 * nothing of it is kept. Thread-safe.
 */
public final class PredictionFiles {
    private final Set<Format> formats;
    private final Spectral spectral = new Spectral();

    public PredictionFiles(Set<Format> formats) {
        this.formats = formats.isEmpty() ? EnumSet.noneOf(Format.class) : EnumSet.copyOf(formats);
    }

    /**
     * {@code NAME_depth.npy}, {@code NAME_depth.png}, {@code NAME_depth_preview.png}; of an ensemble also {@code NAME_depth_spread.npy}
     * (float32), {@code NAME_depth_spread.png} (16 bits, round(65535 · value)) and {@code NAME_depth_spread_preview.png}, from blue at 0
     * to red at the image's largest.
     */
    public List<PredictionFile> of(String name, DepthMap depth) {
        int width = depth.width();
        int height = depth.height();
        List<PredictionFile> files = new ArrayList<>();
        if (formats.contains(Format.NPY)) {
            files.add(new PredictionFile(name + "_depth.npy", out -> Npy.write(out, depth.toArray(), height, width)));
        }
        if (formats.contains(Format.PNG)) {
            files.add(new PredictionFile(
                    name + "_depth.png", out -> Png.writeGrey16(out, depth.toArray(), width, height)));
        }
        if (formats.contains(Format.PREVIEW)) {
            files.add(new PredictionFile(name + "_depth_preview.png", out -> writePreview(out, depth)));
        }
        depth.spread()
                .ifPresent(spread ->
                        files.addAll(SpreadFiles.of(formats, name + "_depth_spread", spread, SpreadFiles.WHOLE_DEPTH)));
        return files;
    }

    /**
     * {@code NAME_normal.npy}, {@code NAME_normal.png}; of an ensemble also {@code NAME_normal_spread.npy} (float32, degrees), {@code
     * NAME_normal_spread.png} (16 bits, round(65535 · degrees / 180)) and {@code NAME_normal_spread_preview.png}, from blue at 0 to red
     * at the image's largest.
     */
    public List<PredictionFile> of(String name, NormalMap normals) {
        int width = normals.width();
        int height = normals.height();
        List<PredictionFile> files = new ArrayList<>();
        if (formats.contains(Format.NPY)) {
            files.add(new PredictionFile(
                    name + "_normal.npy", out -> Npy.write(out, normals.toArray(), height, width, 3)));
        }
        if (formats.contains(Format.PNG) || formats.contains(Format.PREVIEW)) {
            files.add(new PredictionFile(name + "_normal.png", out -> writeColours(out, normals)));
        }
        normals.spread()
                .ifPresent(spread ->
                        files.addAll(SpreadFiles.of(formats, name + "_normal_spread", spread, SpreadFiles.HALF_TURN)));
        return files;
    }

    /** Whether any of the formats needs a shape. */
    public boolean includeShapes() {
        return formats.contains(Format.HTML) || ShapeFile.FORMATS.stream().anyMatch(formats::contains);
    }

    /**
     * {@code NAME_KIND.ply}, {@code .glb}, {@code .obj}, as {@link ShapeFile} writes them, and {@code NAME_KIND.html}, as
     * {@link ViewerPage} does. Writing throws a {@link LotusException} if the shape has no point, or too many for a GLB. The mesh is made
     * for each file again, and not kept: it is larger than all that it is made of, and made in less time than it is written.
     *
     * @param kind what the shape is made of: depth, normal, geometry
     * @param view with colours
     */
    public List<PredictionFile> of(String name, String kind, DepthView view) {
        String target = name + "_" + kind;
        List<PredictionFile> files = new ArrayList<>();
        for (Format format : ShapeFile.FORMATS) {
            if (formats.contains(format)) {
                files.add(new PredictionFile(
                        target + ShapeFile.ending(format), out -> writeMesh(out, format, view.toMesh())));
            }
        }
        if (formats.contains(Format.HTML)) {
            files.add(new PredictionFile(
                    target + ".html", out -> ViewerPage.page(name, kind, view).writeTo(out)));
        }
        return files;
    }

    private static void writeMesh(OutputStream out, Format format, TriangleMesh mesh) throws IOException {
        ShapeFile.write(out, format, mesh.vertices(), mesh.triangles());
    }

    private void writePreview(OutputStream out, DepthMap depth) throws IOException {
        float[] nearness = stretched(depth.toArray(), depth.kind() == DepthKind.AFFINE_DISPARITY);
        Png.writeRgb(out, spectral.paint(nearness), depth.width(), depth.height());
    }

    private static void writeColours(OutputStream out, NormalMap normals) throws IOException {
        float[] image = normals.toImage();
        byte[] rgb = new byte[image.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (int) (255 * image[i]); // truncated, as the reference does
        }
        Png.writeRgb(out, rgb, normals.width(), normals.height());
    }

    /** From the image's smallest value at 0 to its largest at 1, or the other way round. */
    private static float[] stretched(float[] values, boolean reversed) {
        float smallest = Float.POSITIVE_INFINITY;
        float largest = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            smallest = Math.min(smallest, value);
            largest = Math.max(largest, value);
        }
        float range = largest > smallest ? largest - smallest : 1;
        float[] stretched = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            float value = (values[i] - smallest) / range;
            stretched[i] = reversed ? 1 - value : value;
        }
        return stretched;
    }
}
