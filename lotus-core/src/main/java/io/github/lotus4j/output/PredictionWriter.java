package io.github.lotus4j.output;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Geometry;
import io.github.lotus4j.NormalMap;
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
import java.util.Optional;
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
    private final MapFiles files;

    /** Previews have the colours of {@link ColourMap#SPECTRAL}, over each image's own range. */
    public PredictionWriter(Path folder, Set<Format> formats) {
        this(new MapFiles(
                folder,
                formats.isEmpty() ? EnumSet.noneOf(Format.class) : EnumSet.copyOf(formats),
                ColourMap.SPECTRAL,
                Optional.empty()));
    }

    private PredictionWriter(MapFiles files) {
        folder = files.folder();
        formats = files.formats();
        this.files = files;
    }

    /** The same with these colours of previews and pages. */
    public PredictionWriter withColours(ColourMap colours) {
        return new PredictionWriter(new MapFiles(folder, formats, colours, files.range()));
    }

    /** The same with the previews' colours stretched over the same values of every depth map, so that images can be compared. */
    public PredictionWriter withRange(ValueRange range) {
        return new PredictionWriter(new MapFiles(folder, formats, files.colours(), Optional.of(range)));
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
     * {@code NAME_depth.npy}, {@code NAME_depth.tiff}, {@code NAME_depth.png}, {@code NAME_depth_preview.png}; of an ensemble also
     * {@code NAME_depth_spread.npy} and {@code .tiff} (float32), {@code NAME_depth_spread.png} (16 bits, round(65535 · value)) and {@code
     * NAME_depth_spread_preview.png}, from far's colour at 0 to near's at the image's largest; and {@code NAME_depth.npz} with all of it.
     *
     * @return what was written
     * @throws OutputException if a file cannot be written
     */
    public List<Path> write(String name, DepthMap depth) {
        List<Grid> grids = Grid.of(depth);
        return Stream.of(files.write(name, depth, grids), archive(name, "depth", grids))
                .flatMap(List::stream)
                .toList();
    }

    /**
     * {@code NAME_normal.npy}, {@code NAME_normal.tiff}, {@code NAME_normal.png}; of an ensemble also {@code NAME_normal_spread.npy} and
     * {@code .tiff} (float32, degrees), {@code NAME_normal_spread.png} (16 bits, round(65535 · degrees / 180)) and {@code
     * NAME_normal_spread_preview.png}, from far's colour at 0 to near's at the image's largest; and {@code NAME_normal.npz} with all of it.
     *
     * @return what was written
     * @throws OutputException if a file cannot be written
     */
    public List<Path> write(String name, NormalMap normals) {
        List<Grid> grids = Grid.of(normals);
        return Stream.of(files.write(name, normals, grids), archive(name, "normal", grids))
                .flatMap(List::stream)
                .toList();
    }

    /**
     * What is written of depth and of normals, but one {@code NAME_geometry.npz} with all of it.
     *
     * @return what was written
     * @throws OutputException if a file cannot be written
     */
    public List<Path> write(String name, Geometry geometry) {
        List<Grid> depth = Grid.of(geometry.depth());
        List<Grid> normals = Grid.of(geometry.normals());
        List<Grid> all = Stream.concat(depth.stream(), normals.stream()).toList();
        return Stream.of(
                        files.write(name, geometry.depth(), depth),
                        files.write(name, geometry.normals(), normals),
                        archive(name, "geometry", all))
                .flatMap(List::stream)
                .toList();
    }

    private List<Path> archive(String name, String kind, List<Grid> grids) {
        return formats.contains(Format.NPZ)
                ? List.of(NewFile.write(folder.resolve(name + "_" + kind + ".npz"), out -> Npz.write(out, grids)))
                : List.of();
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
            Metadata metadata = Metadata.of(view);
            for (Format format : chosen) {
                Path target =
                        folder.resolve(name + "_" + kind + "." + format.name().toLowerCase(Locale.ROOT));
                ShapeFile.write(target, mesh, metadata);
                written.add(target);
            }
        }
        if (formats.contains(Format.HTML)) {
            Path target = folder.resolve(name + "_" + kind + ".html");
            ViewerPage.write(target, name, kind, view, files.colours());
            written.add(target);
        }
        return written;
    }
}
