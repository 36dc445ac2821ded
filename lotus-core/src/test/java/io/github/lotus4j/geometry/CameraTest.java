package io.github.lotus4j.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CameraTest {
    @TempDir
    Path folder;

    @Test
    void fieldOfViewReachesFromEdgeToEdge() {
        Camera camera = Camera.ofHorizontalFieldOfView(640, 480, 90);
        assertThat(camera).isEqualTo(new Camera(640, 480, camera.fx(), camera.fx(), 320, 240));
        assertThat(camera.fx()).isCloseTo(320, within(1e-9));
        assertThat(camera.horizontalFieldOfView()).isCloseTo(90, within(1e-9));
        assertThat(new Camera(640, 480, 320, 320, 0, 240).horizontalFieldOfView()) // all on one side
                .isCloseTo(Math.toDegrees(Math.atan(2)), within(1e-9));
        assertThat(camera.resized(320, 120)).isEqualTo(new Camera(320, 120, camera.fx() / 2, camera.fx() / 4, 160, 60));
    }

    /** 36 mm of film behind a lens of 18 mm are 90° wide; of an image of other proportions, the diagonal counts. */
    @Test
    void focalLengthIsThatOnFilm() {
        assertThat(Camera.ofFocalLength35mm(600, 400, 18).fx()).isCloseTo(300, within(1e-9));
        assertThat(Camera.ofFocalLength35mm(400, 600, 18).fx()).isCloseTo(300, within(1e-9));
        Camera fourByThree = Camera.ofFocalLength35mm(4000, 3000, 26);
        double diagonal = 2 * Math.toDegrees(Math.atan(2500 / fourByThree.fx()));
        assertThat(diagonal).isCloseTo(2 * Math.toDegrees(Math.atan(Math.hypot(36, 24) / 2 / 26)), within(1e-9));
    }

    @Test
    void imageThatDoesNotSayIsAssumed() {
        Camera tall = Camera.of(RgbImage.of(30, 40, new byte[3600]));
        assertThat(2 * Math.toDegrees(Math.atan(20 / tall.fy()))).isCloseTo(60, within(1e-9));
    }

    /** Exif's own directory lies behind the image's, or outside of all. */
    @ParameterizedTest
    @CsvSource({"26, 28, 28", "26, 0, 0", "26, 50000, 50000", "-1, 28, 0", "100000, 28, 0"})
    void imageThatSaysSo(int directory, int millimetres, int expected) throws IOException {
        ByteBuffer exif = ByteBuffer.allocate(6 + 44).put("Exif\0\0II*\0".getBytes(StandardCharsets.US_ASCII));
        exif.order(ByteOrder.LITTLE_ENDIAN).putInt(8);
        exif.putShort((short) 1)
                .putShort((short) 0x8769)
                .putShort((short) 4)
                .putInt(1)
                .putInt(directory)
                .putInt(0);
        exif.putShort((short) 1)
                .putShort((short) 0xa405)
                .putShort((short) 3)
                .putInt(1)
                .putInt(millimetres)
                .putInt(0);
        RgbImage image = RgbImage.read(Files.write(folder.resolve("photo.jpg"), jpeg(exif.array())));
        assertThat(image.focalLength35mm().orElse(0)).isEqualTo(expected);
        assertThat(Camera.of(image))
                .isEqualTo(
                        expected > 0
                                ? Camera.ofFocalLength35mm(2, 1, expected)
                                : Camera.ofHorizontalFieldOfView(2, 1, Camera.DEFAULT_FIELD_OF_VIEW));
    }

    /** Two pixels, with this as the first segment. */
    private static byte[] jpeg(byte[] segment) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB), "jpeg", plain);
        byte[] bytes = plain.toByteArray();
        return ByteBuffer.allocate(bytes.length + 4 + segment.length)
                .put(bytes, 0, 2)
                .putShort((short) 0xffe1)
                .putShort((short) (2 + segment.length))
                .put(segment)
                .put(bytes, 2, bytes.length - 2)
                .array();
    }

    @Test
    void whatIsNoCameraIsNamed() {
        assertThatThrownBy(() -> Camera.ofHorizontalFieldOfView(4, 4, 180))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("180");
        assertThatThrownBy(() -> Camera.ofFocalLength35mm(4, 4, 0)).isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> new Camera(4, 4, 1, Double.NaN, 2, 2)).isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> new Camera(4, 4, 1, 1, Double.NaN, 2)).isInstanceOf(LotusException.class);
        assertThatThrownBy(() -> Camera.ofHorizontalFieldOfView(4, 0, 60)).isInstanceOf(LotusException.class);
    }
}
