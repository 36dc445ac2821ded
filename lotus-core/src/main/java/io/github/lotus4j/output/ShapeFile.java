package io.github.lotus4j.output;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.PointCloud;
import io.github.lotus4j.geometry.TriangleMesh;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/**
 * Points and meshes as files for Blender, MeshLab and the like, in the axes they have (y up): PLY (binary), GLB (glTF 2.0, opaque
 * vertex colours in linear light) or OBJ (text, colours behind positions), as the name ends. A file is there as a whole or not at
 * all, and replaces an older one of its name.
 */
public final class ShapeFile {
    private ShapeFile() {}

    /**
     * @param target ends in .ply, .glb or .obj
     * @throws OutputException if it cannot be written
     * @throws LotusException if its name ends otherwise, or it is a GLB of no points or too many
     */
    public static void write(Path target, PointCloud points) {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(points, "points");
        write(target, points, new int[0]);
    }

    /**
     * @param target ends in .ply, .glb or .obj
     * @throws OutputException if it cannot be written
     * @throws LotusException if its name ends otherwise, or it is a GLB of no points or too many
     */
    public static void write(Path target, TriangleMesh mesh) {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(mesh, "mesh");
        write(target, mesh.vertices(), mesh.triangles());
    }

    private static void write(Path target, PointCloud points, int[] triangles) {
        String name = target.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".ply")) {
            NewFile.write(target, out -> Ply.write(out, points, triangles));
        } else if (name.endsWith(".glb")) {
            NewFile.write(target, out -> Glb.write(out, points, triangles));
        } else if (name.endsWith(".obj")) {
            NewFile.write(target, out -> Obj.write(out, points, triangles));
        } else {
            throw new LotusException(target + ": found no known ending, expected .ply, .glb or .obj");
        }
    }
}
