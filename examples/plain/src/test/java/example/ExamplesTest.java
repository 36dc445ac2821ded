package example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.DepthSample;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.RgbImage;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {
    private static final Path SCENE = Path.of(System.getProperty("image"));

    @TempDir
    Path folder;

    private static Lotus lotus;
    private static RgbImage image;

    @BeforeAll
    static void load() {
        lotus = Lotus.nano();
        image = RgbImage.read(SCENE);
    }

    @AfterAll
    static void close() {
        lotus.close();
    }

    @Test
    void depthIsWrittenInTheImagesSize() throws Exception {
        Depth.main(new String[] {SCENE.toString(), folder.toString()});
        BufferedImage written = ImageIO.read(folder.resolve("photo_depth.png").toFile());
        assertEquals(image.width(), written.getWidth());
        assertEquals(image.height(), written.getHeight());
        assertEquals(16, written.getColorModel().getPixelSize());
    }

    @Test
    void timeLimitEndsThePrediction() {
        assertTrue(TimeLimit.depth(lotus, image, Duration.ofMillis(1)).isEmpty());
        assertTrue(TimeLimit.depth(lotus, image, Duration.ofHours(1)).isPresent());
    }

    @Test
    void whatStandsStillStaysAsItIs() {
        List<DepthMap> depths = new ArrayList<>();
        Film.depth(lotus, List.of(image, image), depths::add);
        assertArrayEquals(lotus.predictDepth(image).toArray(), depths.get(0).toArray(), 1e-6f);
        assertArrayEquals(depths.get(0).toArray(), depths.get(1).toArray(), 1e-6f);
    }

    @Test
    void roomIsAMesh() throws Exception {
        DepthMap depth = lotus.predictDepth(image);
        List<DepthSample> known = new ArrayList<>();
        for (int x = 0; x < depth.width(); x += 16) {
            int y = depth.height() / 2;
            known.add(new DepthSample(x, y, 1 / (0.1 + 0.4 * depth.at(x, y))));
        }
        Path file = folder.resolve("room.glb");
        Room.write(file, image, depth, known);
        assertEquals("glTF", new String(Files.readAllBytes(file), 0, 4, StandardCharsets.US_ASCII));
    }
}
