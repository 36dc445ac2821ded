package io.github.lotus4j.output;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Geometry;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.geometry.TriangleMesh;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What files predictions become, and what is in them, wherever they are written to. What is in a file is made when it is written, and
 * nothing of it is kept. Thread-safe.
 */
public final class PredictionFiles {
    private final MapFiles maps;

    /** Previews have the colours of {@link ColourMap#SPECTRAL}, over each image's own range. */
    public PredictionFiles(Set<Format> formats) {
        this(new MapFiles(
                Objects.requireNonNull(formats, "formats").isEmpty()
                        ? EnumSet.noneOf(Format.class)
                        : EnumSet.copyOf(formats),
                ColourMap.SPECTRAL,
                Optional.empty()));
    }

    private PredictionFiles(MapFiles maps) {
        this.maps = maps;
    }

    /** The same with these colours of previews and pages. */
    public PredictionFiles withColours(ColourMap colours) {
        Objects.requireNonNull(colours, "colours");
        return new PredictionFiles(new MapFiles(maps.formats(), colours, maps.range()));
    }

    /** The same with the previews' colours stretched over the same values of every depth map, so that images can be compared. */
    public PredictionFiles withRange(ValueRange range) {
        Objects.requireNonNull(range, "range");
        return new PredictionFiles(new MapFiles(maps.formats(), maps.colours(), Optional.of(range)));
    }

    /**
     * {@code NAME_depth.npy}, {@code NAME_depth.tiff}, {@code NAME_depth.png}, {@code NAME_depth_preview.png}; of an ensemble also
     * {@code NAME_depth_spread.npy} and {@code .tiff} (float32), {@code NAME_depth_spread.png} (16 bits, round(65535 · value)) and {@code
     * NAME_depth_spread_preview.png}, from far's colour at 0 to near's at the image's largest; and {@code NAME_depth.npz} with all of it.
     */
    public List<PredictionFile> of(String name, DepthMap depth) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(depth, "depth");
        List<Grid> grids = Grid.of(depth);
        return joined(Stream.of(maps.of(name, depth, grids), archive(name, "depth", grids)));
    }

    /**
     * {@code NAME_normal.npy}, {@code NAME_normal.tiff}, {@code NAME_normal.png}; of an ensemble also {@code NAME_normal_spread.npy} and
     * {@code .tiff} (float32, degrees), {@code NAME_normal_spread.png} (16 bits, round(65535 · degrees / 180)) and {@code
     * NAME_normal_spread_preview.png}, from far's colour at 0 to near's at the image's largest; and {@code NAME_normal.npz} with all of it.
     */
    public List<PredictionFile> of(String name, NormalMap normals) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(normals, "normals");
        List<Grid> grids = Grid.of(normals);
        return joined(Stream.of(maps.of(name, normals, grids), archive(name, "normal", grids)));
    }

    /** What there is of depth and of normals, but one {@code NAME_geometry.npz} with all of it. */
    public List<PredictionFile> of(String name, Geometry geometry) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(geometry, "geometry");
        List<Grid> depth = Grid.of(geometry.depth());
        List<Grid> normals = Grid.of(geometry.normals());
        return joined(Stream.of(
                maps.of(name, geometry.depth(), depth),
                maps.of(name, geometry.normals(), normals),
                archive(name, "geometry", joined(Stream.of(depth, normals)))));
    }

    private List<PredictionFile> archive(String name, String kind, List<Grid> grids) {
        return maps.formats().contains(Format.NPZ)
                ? List.of(new PredictionFile(name + "_" + kind + ".npz", out -> Npz.write(out, grids)))
                : List.of();
    }

    private static <T> List<T> joined(Stream<List<T>> lists) {
        return lists.flatMap(List::stream).toList();
    }

    /** Whether any of the formats needs a shape. */
    public boolean includeShapes() {
        return maps.formats().contains(Format.HTML)
                || ShapeFile.FORMATS.stream().anyMatch(maps.formats()::contains);
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
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(view, "view");
        String target = name + "_" + kind;
        List<PredictionFile> files = new ArrayList<>();
        for (Format format : ShapeFile.FORMATS) {
            if (maps.formats().contains(format)) {
                files.add(new PredictionFile(target + ShapeFile.ending(format), out -> writeMesh(out, format, view)));
            }
        }
        if (maps.formats().contains(Format.HTML)) {
            files.add(new PredictionFile(
                    target + ".html",
                    out -> ViewerPage.page(name, kind, view, maps.colours()).writeTo(out)));
        }
        return files;
    }

    private static void writeMesh(OutputStream out, Format format, DepthView view) throws IOException {
        TriangleMesh mesh = view.toMesh();
        ShapeFile.write(out, format, mesh.vertices(), mesh.triangles(), Metadata.of(view));
    }
}
