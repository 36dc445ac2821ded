package example;

import io.github.lotus4j.DepthAlignment;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.DepthSample;
import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.geometry.Camera;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.geometry.TriangleMesh;
import io.github.lotus4j.output.ShapeFile;
import java.nio.file.Path;
import java.util.List;

/** A mesh in metres, from pixels whose depth is known: {@code new DepthSample(x, y, 2.4)}. */
public final class Room {
    public static void write(Path file, RgbImage image, DepthMap depth, List<DepthSample> known) {
        DepthAlignment fit = depth.alignRobustlyTo(known);
        MetricDepthMap metres = depth.toMetric(fit).within(0, 30); // fit.residual() and fit.absRel() say how well they agree
        TriangleMesh mesh = DepthView.of(metres, Camera.of(image)).withColours(image).toMesh();
        ShapeFile.write(file, mesh); // room.glb, .ply or .obj; or .toPointCloud()
    }
}
