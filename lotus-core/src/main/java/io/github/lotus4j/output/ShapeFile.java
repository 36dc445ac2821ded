package io.github.lotus4j.output;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.PointCloud;
import io.github.lotus4j.geometry.TriangleMesh;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Points and meshes as files for Blender, MeshLab and the like, in the axes they have (y up): PLY (binary), GLB (glTF 2.0, opaque
 * vertex colours in linear light) or OBJ (text, colours behind positions), as the name ends. A file is there as a whole or not at
 * all, and replaces an older one of its name.
 */
public final class ShapeFile {
    /** Those that hold a mesh. */
    static final List<Format> FORMATS = List.of(Format.PLY, Format.GLB, Format.OBJ);

    private ShapeFile() {}

    /**
     * @param target ends in .ply, .glb or .obj
     * @throws OutputException if it cannot be written
     * @throws LotusException if its name ends otherwise, or it is a GLB of no points or too many
     */
    public static void write(Path target, PointCloud points) {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(points, "points");
        write(target, points, new int[0], Metadata.NONE);
    }

    /**
     * @param target ends in .ply, .glb or .obj
     * @throws OutputException if it cannot be written
     * @throws LotusException if its name ends otherwise, or it is a GLB of no points or too many
     */
    public static void write(Path target, TriangleMesh mesh) {
        write(target, mesh, Metadata.NONE);
    }

    /**
     * @param target ends in .ply, .glb or .obj
     * @param metadata what the file says of its origin: in comments, or as glTF's {@code asset.extras}
     * @throws OutputException if it cannot be written
     * @throws LotusException if its name ends otherwise, or it is a GLB of no points or too many
     */
    public static void write(Path target, TriangleMesh mesh, Metadata metadata) {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(mesh, "mesh");
        Objects.requireNonNull(metadata, "metadata");
        write(target, mesh.vertices(), mesh.triangles(), metadata);
    }

    private static void write(Path target, PointCloud points, int[] triangles, Metadata metadata) {
        Format format = format(target);
        NewFile.write(target, out -> write(out, format, points, triangles, metadata));
    }

    private static Format format(Path target) {
        String name = target.toString().toLowerCase(Locale.ROOT);
        for (Format each : FORMATS) {
            if (name.endsWith(ending(each))) {
                return each;
            }
        }
        throw new LotusException(target + ": found no known ending, expected .ply, .glb or .obj");
    }

    /** What the name of a file of this format ends in. */
    static String ending(Format format) {
        return "." + format.name().toLowerCase(Locale.ROOT);
    }

    /** @param format one of {@link #FORMATS} */
    static void write(OutputStream out, Format format, PointCloud points, int[] triangles, Metadata metadata)
            throws IOException {
        switch (format) {
            case PLY -> Ply.write(out, points, triangles, metadata);
            case GLB -> Glb.write(out, points, triangles, metadata);
            case OBJ -> Obj.write(out, points, triangles, metadata);
            default -> throw new IllegalArgumentException(format + " holds no mesh");
        }
    }
}
