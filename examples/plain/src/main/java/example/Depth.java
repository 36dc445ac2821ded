package example;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.PredictionWriter;
import java.nio.file.Path;
import java.util.Set;

/** Depth of an image: what it is, a number of it, and a PNG of 16 bits. */
public final class Depth {
    public static void main(String[] args) {
        Path image = Path.of(args[0]);
        Path output = Path.of(args[1]);
        try (Lotus lotus = Lotus.nano()) { // or Lotus.load("lotus-depth-d-v2-0-disparity"), as fetched, or a folder
            DepthMap depth = lotus.predictDepth(image); // or of a BufferedImage, or of an RgbImage
            float middle = depth.at(depth.width() / 2, depth.height() / 2);
            System.out.printf("%d×%d, %s, in the middle %.3f%n", depth.width(), depth.height(), depth.kind(), middle);
            new PredictionWriter(output, Set.of(Format.PNG))
                    .write("photo", depth)
                    .forEach(System.out::println); // photo_depth.png
        }
    }
}
