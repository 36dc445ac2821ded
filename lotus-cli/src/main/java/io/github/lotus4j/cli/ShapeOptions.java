package io.github.lotus4j.cli;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Geometry;
import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.geometry.Camera;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.geometry.NormalAlignment;
import io.github.lotus4j.geometry.NormalIntegration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How predictions become shapes, whose scale nobody knows. */
final class ShapeOptions {
    /** The nearest and the farthest depth of a shape: a room's, in what may be metres. */
    private static final double NEAREST = 1;

    private static final double FARTHEST = 10;

    /** The middle of these, as the eye sees it. */
    private static final double MEAN = Math.sqrt(NEAREST * FARTHEST);

    @Option(
            names = "--fov",
            paramLabel = "DEGREES",
            description =
                    "For shapes: how much the camera sees across the image's width (default: by the focal length that the"
                            + " image's Exif data names, or 60 across its longer edge). Their scale is not known: depth alone is"
                            + " stretched from 1 to 10, with normals it starts at 1.")
    private @Nullable Double fieldOfView;

    /** @throws picocli.CommandLine.ParameterException if there is no such camera */
    void check(CheckpointCommand command) {
        if (fieldOfView != null && !(fieldOfView > 0 && fieldOfView < 180)) {
            throw command.usage("--fov: found " + fieldOfView + ", expected more than 0, less than 180 degrees");
        }
    }

    /** Depth in the image's colours. */
    DepthView of(DepthMap depth, RgbImage image) {
        return view(depth.spanning(NEAREST, FARTHEST), image);
    }

    /** Depth in the proportions that go with the normals, in the image's colours. */
    DepthView of(Geometry geometry, RgbImage image) {
        NormalMap normals = geometry.normals();
        MetricDepthMap depth =
                NormalAlignment.align(geometry.depth(), normals, camera(image), NEAREST, FARTHEST / NEAREST);
        return view(depth, image).withNormals(normals);
    }

    /** The surface that has these normals, in the image's colours. */
    DepthView of(NormalMap normals, RgbImage image) {
        return view(NormalIntegration.perspective(normals, camera(image), MEAN), image)
                .withNormals(normals);
    }

    private DepthView view(MetricDepthMap depth, RgbImage image) {
        return DepthView.of(depth, camera(image)).withColours(image);
    }

    private Camera camera(RgbImage image) {
        return fieldOfView == null
                ? Camera.of(image)
                : Camera.ofHorizontalFieldOfView(image.width(), image.height(), fieldOfView);
    }
}
