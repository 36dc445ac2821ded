package io.github.lotus4j.output;

import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.SpreadMap;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.geometry.TriangleMesh;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Writes predictions into a folder, which is created when it is needed; a file is there as a whole or not at all, and replaces
 * an older one of its name. Thread-safe.
 */
public final class PredictionWriter {
    private final Path folder;
    private final Set<Format> formats;
    private final Spectral spectral = new Spectral();

    public PredictionWriter(Path folder, Set<Format> formats) {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(formats, "formats");
        this.folder = folder;
        this.formats = formats.isEmpty() ? EnumSet.noneOf(Format.class) : EnumSet.copyOf(formats);
    }

    /**
     * Asks before the work that leads to a result whether it could be written; writes nothing.
     *
     * @throws OutputException if the folder cannot be written to, or created
     */
    public void requireWritable() {
        Path there = folder.toAbsolutePath().normalize();
        while (there.getParent() != null && Files.notExists(there)) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            throw OutputException.noFolder(folder, new FileAlreadyExistsException(there.toString()));
        }
        if (!Files.isWritable(there)) {
            throw OutputException.denied(folder, there.toString(), new AccessDeniedException(there.toString()));
        }
    }

    /**
     * {@code NAME_depth.npy}, {@code NAME_depth.png}, {@code NAME_depth_preview.png}; of an ensemble also {@code NAME_depth_spread.npy}
     * (float32), {@code NAME_depth_spread.png} (16 bits, round(65535 · value)) and {@code NAME_depth_spread_preview.png}, from blue at 0
     * to red at the image's largest.
     *
     * @return what was written
     * @throws OutputException if a file cannot be written
     */
    public List<Path> write(String name, DepthMap depth) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(depth, "depth");
        int width = depth.width();
        int height = depth.height();
        float[] values = depth.toArray();
        List<Path> written = new ArrayList<>();
        if (formats.contains(Format.NPY)) {
            written.add(write(name + "_depth.npy", out -> Npy.write(out, values, height, width)));
        }
        if (formats.contains(Format.PNG)) {
            written.add(write(name + "_depth.png", out -> Png.write(out, depth)));
        }
        if (formats.contains(Format.PREVIEW)) {
            byte[] rgb = spectral.paint(stretched(values, depth.kind() == DepthKind.AFFINE_DISPARITY));
            written.add(write(name + "_depth_preview.png", out -> Png.writeRgb(out, rgb, width, height)));
        }
        depth.spread().ifPresent(spread -> written.addAll(spreads(name + "_depth", spread, SpreadFiles.WHOLE_DEPTH)));
        return written;
    }

    /**
     * {@code NAME_normal.npy}, {@code NAME_normal.png}; of an ensemble also {@code NAME_normal_spread.npy} (float32, degrees), {@code
     * NAME_normal_spread.png} (16 bits, round(65535 · degrees / 180)) and {@code NAME_normal_spread_preview.png}, from blue at 0 to red
     * at the image's largest.
     *
     * @return what was written
     * @throws OutputException if a file cannot be written
     */
    public List<Path> write(String name, NormalMap normals) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(normals, "normals");
        List<Path> written = new ArrayList<>();
        if (formats.contains(Format.NPY)) {
            written.add(write(
                    name + "_normal.npy",
                    out -> Npy.write(out, normals.toArray(), normals.height(), normals.width(), 3)));
        }
        if (formats.contains(Format.PNG) || formats.contains(Format.PREVIEW)) {
            written.add(write(name + "_normal.png", out -> Png.write(out, normals)));
        }
        normals.spread().ifPresent(spread -> written.addAll(spreads(name + "_normal", spread, SpreadFiles.HALF_TURN)));
        return written;
    }

    /**
     * {@code NAME_KIND.ply}, {@code .glb}, {@code .obj}, as {@link ShapeFile} writes them, and {@code NAME_KIND.html}, as
     * {@link ViewerPage} does.
     *
     * @param kind what the shape is made of: depth, normal, geometry
     * @param shape made only if one of them is to be written; with colours
     * @return what was written
     * @throws OutputException if a file cannot be written
     * @throws LotusException if the shape has no point, or too many for a GLB
     */
    public List<Path> write(String name, String kind, Supplier<DepthView> shape) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(shape, "shape");
        List<Path> written = new ArrayList<>();
        List<Format> chosen = Stream.of(Format.PLY, Format.GLB, Format.OBJ)
                .filter(formats::contains)
                .toList();
        if (chosen.isEmpty() && !formats.contains(Format.HTML)) {
            return written;
        }
        DepthView view = shape.get();
        if (!chosen.isEmpty()) {
            TriangleMesh mesh = view.toMesh();
            for (Format format : chosen) {
                Path target =
                        folder.resolve(name + "_" + kind + "." + format.name().toLowerCase(Locale.ROOT));
                ShapeFile.write(target, mesh);
                written.add(target);
            }
        }
        if (formats.contains(Format.HTML)) {
            Path target = folder.resolve(name + "_" + kind + ".html");
            ViewerPage.write(target, name, kind, view);
            written.add(target);
        }
        return written;
    }

    private List<Path> spreads(String name, SpreadMap spread, float whole) {
        return SpreadFiles.write(folder, formats, name + "_spread", spread, whole);
    }

    private Path write(String file, NewFile.Content content) {
        return NewFile.write(folder.resolve(file), content);
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
