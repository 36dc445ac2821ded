package io.github.lotus4j.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.MetricDepthMap;
import io.github.lotus4j.NormalAxes;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.geometry.Camera;
import io.github.lotus4j.geometry.DepthView;
import io.github.lotus4j.geometry.TriangleMesh;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the page holds. scripts/check-viewer.py opens it in a browser. */
class ViewerPageTest {
    /** Corners of a quad, 0 upper left, 1 upper right, 2 lower left, 3 lower right, of the triangle that leaves one out. */
    private static final int[][] TRIANGLES = {{1, 2, 3}, {0, 2, 3}, {0, 3, 1}, {0, 2, 1}};

    @TempDir
    Path folder;

    /** A wall behind a box, with noise as predictions have it, a hole, and a row at the top that is far away. */
    private static DepthView room(int width, int height) {
        Random random = new Random(7);
        float[] metres = new float[width * height];
        float[] normals = new float[3 * metres.length];
        byte[] colours = new byte[3 * metres.length];
        for (int i = 0; i < metres.length; i++) {
            int row = i / width;
            double x = (double) (i % width) / width;
            double y = (double) row / height;
            boolean box = x > 0.3 && x < 0.6 && y > 0.4;
            double depth = row == 0 ? 900 : box ? 2 + x : 5 - y;
            boolean hole = Math.hypot(x - 0.8, y - 0.2) < 0.1;
            metres[i] = hole ? Float.NaN : (float) (depth * (1 + 1e-3 * random.nextGaussian()));
            normals[3 * i] = (float) (0.3 * Math.sin(9 * x) + 0.01 * random.nextGaussian());
            normals[3 * i + 1] = (float) (0.3 * Math.cos(7 * y) + 0.01 * random.nextGaussian());
            normals[3 * i + 2] = 0.9f;
            for (int channel = 0; channel < 3; channel++) {
                double light = 128 + 60 * Math.sin(20 * x + channel) * Math.cos(15 * y) + 4 * random.nextGaussian();
                colours[3 * i + channel] = (byte) Math.clamp(Math.round(light), 0, 255);
            }
        }
        return DepthView.of(MetricDepthMap.of(width, height, metres), Camera.ofHorizontalFieldOfView(width, height, 60))
                .withColours(RgbImage.of(width, height, colours))
                .withNormals(NormalMap.of(width, height, normals, NormalAxes.OPENGL));
    }

    private String page(String image, String kind, DepthView view) throws IOException {
        Path file = folder.resolve("page.html");
        ViewerPage.write(file, image, kind, view);
        return Files.readString(file);
    }

    private static String only(String page, String pattern) {
        List<String> found = new ArrayList<>();
        Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(page);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        assertThat(found).as(pattern).hasSize(1);
        return found.getFirst();
    }

    private static double number(String page, String name) {
        return Double.parseDouble(only(page, "<script [^>]*data-" + name + "=\"([^\"]*)\""));
    }

    private static BufferedImage picture(String page, String type) throws IOException {
        byte[] bytes = Base64.getDecoder().decode(only(page, "src=\"data:image/" + type + ";base64,([^\"]*)\""));
        return ImageIO.read(new ByteArrayInputStream(bytes));
    }

    /** The page's shape, read as shape-data.js reads it. */
    private record Shape(int width, int height, double[] depth, Set<List<Integer>> triangles) {
        static Shape of(String page) throws IOException {
            int width = (int) number(page, "width");
            int height = (int) number(page, "height");
            byte[] deflated = Base64.getDecoder().decode(only(page, "id=\"shape\"[^>]*>([^<]*)<"));
            byte[] bytes = new InflaterInputStream(new ByteArrayInputStream(deflated)).readAllBytes();
            int pixels = width * height;
            assertThat(bytes).hasSize(2 * pixels + (width - 1) * (height - 1));
            double nearest = number(page, "nearest");
            double step = Math.log(number(page, "farthest") / nearest) / 65534;
            double[] depth = new double[pixels];
            int code = 0;
            for (int i = 0; i < pixels; i++) {
                code = (code + 256 * (bytes[i] & 0xff) + (bytes[pixels + i] & 0xff)) & 0xffff;
                depth[i] = code == 0 ? Double.NaN : nearest * Math.exp(step * (code - 1));
            }
            Set<List<Integer>> triangles = new HashSet<>();
            for (int quad = 0; quad < (width - 1) * (height - 1); quad++) {
                int upper = quad / (width - 1) * width + quad % (width - 1);
                for (int leftOut = 0; leftOut < 4; leftOut++) {
                    if (((bytes[2 * pixels + quad] >> leftOut) & 1) == 1) {
                        triangles.add(turned(TRIANGLES[leftOut], upper, width));
                    }
                }
            }
            return new Shape(width, height, depth, triangles);
        }

        private static List<Integer> turned(int[] corners, int upper, int width) {
            int[] pixels = new int[3];
            for (int i = 0; i < 3; i++) {
                pixels[i] = upper + corners[i] % 2 + corners[i] / 2 * width;
            }
            return inTurn(pixels[0], pixels[1], pixels[2]);
        }
    }

    /** A triangle from its least corner on, the way round kept. */
    private static List<Integer> inTurn(int a, int b, int c) {
        return a < b && a < c ? List.of(a, b, c) : b < c ? List.of(b, c, a) : List.of(c, a, b);
    }

    @ParameterizedTest
    @CsvSource({"40, 30", "2, 2", "1, 9", "9, 1"})
    void shapeComesBack(int width, int height) throws IOException {
        DepthView view = room(width, height);
        String page = page("a", "depth", view);
        Shape shape = Shape.of(page);
        float[] metres = view.depth().toArray();
        double step = Math.log(number(page, "farthest") / number(page, "nearest")) / 65534;
        List<Integer> vertices = new ArrayList<>();
        for (int i = 0; i < metres.length; i++) {
            if (Float.isNaN(metres[i])) {
                assertThat(shape.depth[i]).isNaN();
            } else {
                assertThat(shape.depth[i]).isCloseTo(metres[i], within(metres[i] * (step / 2 + 1e-6)));
                vertices.add(i);
            }
        }
        TriangleMesh mesh = view.toMesh();
        Set<List<Integer>> expected = new HashSet<>();
        for (int i = 0; i < 3 * mesh.size(); i += 3) {
            expected.add(inTurn(
                    vertices.get(mesh.triangles()[i]),
                    vertices.get(mesh.triangles()[i + 1]),
                    vertices.get(mesh.triangles()[i + 2])));
        }
        assertThat(shape.triangles).isEqualTo(expected);
        assertThat(page).contains(width + "×" + height + " points, " + mesh.size() + " triangles");
        assertThat(number(page, "fx")).isEqualTo(view.camera().fx());
        assertThat(number(page, "cy")).isEqualTo(height / 2.0);
    }

    @Test
    void wallHasOneDepth() throws IOException {
        DepthView wall = DepthView.of(
                        MetricDepthMap.of(2, 2, new float[] {3, 3, 3, 3}), Camera.ofHorizontalFieldOfView(2, 2, 60))
                .withColours(RgbImage.of(2, 2, new byte[12]));
        Shape shape = Shape.of(page("a", "depth", wall));
        assertThat(shape.depth).containsExactly(3, 3, 3, 3);
        assertThat(shape.triangles).hasSize(2);
    }

    @Test
    void picturesComeBack() throws IOException {
        DepthView view = room(64, 48);
        String page = page("a", "geometry", view);
        float[] normals = view.normals().orElseThrow().toArray();
        byte[] colours = view.colours().orElseThrow().toArray();
        BufferedImage png = picture(page, "png");
        BufferedImage jpeg = picture(page, "jpeg");
        double difference = 0;
        for (int i = 0; i < colours.length; i++) {
            int x = i / 3 % 64;
            int y = i / 3 / 64;
            assertThat(png.getRaster().getSample(x, y, i % 3) / 127.5 - 1).isCloseTo(normals[i], within(0.5 / 127));
            difference += Math.abs(jpeg.getRaster().getSample(x, y, i % 3) - (colours[i] & 0xff));
        }
        assertThat(difference / colours.length).isBetween(0.1, 6.0);
        byte[] palette = Base64.getDecoder().decode(only(page, "id=\"palette\">([^<]*)<"));
        assertThat(palette).hasSize(768).startsWith(0x9e, 0x01, 0x42).endsWith(0x5e, 0x4f, 0xa2); // Spectral's ends
        DepthView bare = DepthView.of(view.depth(), view.camera())
                .withColours(view.colours().orElseThrow());
        assertThat(page("a", "depth", bare)).doesNotContain("image/png", "id=\"normals\"");
    }

    @Test
    void nothingIsAskedForFromElsewhere() throws IOException, GeneralSecurityException {
        String page = page("a", "depth", room(8, 6));
        assertThat(page).doesNotContain("://", "{{", "@import", "url(", "fetch(", "eval(", " style=", " onclick");
        assertThat(Pattern.compile("\\s(?:src|href)=\"([^\"]{5})").matcher(page).results())
                .allSatisfy(found -> assertThat(found.group(1)).isEqualTo("data:"));
        assertThat(only(page, "http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\""))
                .isEqualTo("default-src 'none'; script-src 'sha256-%s'; style-src 'sha256-%s'; img-src data:;"
                                .formatted(
                                        hash(only(page, "<script>(.*?)</script>")),
                                        hash(only(page, "<style>(.*?)</style>")))
                        + " base-uri 'none'; form-action 'none'");
        assertThat(only(page, "<script>(.*?)</script>"))
                .startsWith("\"use strict\";\n(() => {\n") // no name of its own outside
                .endsWith("})();\n");
    }

    private static String hash(String text) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(digest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "</script><b>.png",
                "\"><img src=x onerror=alert(1)>",
                "' autofocus onfocus='a",
                "{{script}}",
                "$1\\",
                "&lt;",
                "-->",
                "</title>",
                "ünï\u202Ecødé"
            })
    void namesAreText(String name) throws IOException {
        String escaped = name.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
        DepthView view = room(8, 6);
        String page = page("harmless", "of-a-kind", view);
        assertThat(page).contains("<title>harmless, of-a-kind</title>", "<bdi>harmless</bdi>");
        assertThat(page(name, "of-a-kind", view)).isEqualTo(page.replace("harmless", escaped));
        assertThat(page("harmless", name, view)).isEqualTo(page.replace("of-a-kind", escaped));
    }

    @Test
    void largeViewsAreThinnedAndLargePhotographsMadeSmaller() throws IOException {
        DepthView large = room(1500, 1000);
        byte[] wide = new byte[3 * 3000 * 1500];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = (byte) (i / 3 % 3000 < 1000 ? 200 : 40);
        }
        String page = page("a", "depth", large.withColours(RgbImage.of(3000, 1500, wide)));
        Shape shape = Shape.of(page);
        assertThat(shape.width).isEqualTo(1254);
        assertThat(shape.height).isEqualTo(836);
        assertThat(shape.depth[300 * 1254 + 500])
                .isCloseTo(large.depth().at((2 * 500 + 1) * 1500 / 2508, (2 * 300 + 1) * 1000 / 1672), within(1e-3));
        assertThat(number(page, "fx")).isCloseTo(large.camera().fx() * 1254 / 1500, within(1e-9));
        assertThat(picture(page, "png").getWidth()).isEqualTo(1254);
        BufferedImage photograph = picture(page, "jpeg");
        assertThat(photograph.getWidth()).isEqualTo(2048);
        assertThat(photograph.getHeight()).isEqualTo(1024);
        assertThat(photograph.getRaster().getSample(670, 500, 1)).isCloseTo(200, within(8));
        assertThat(photograph.getRaster().getSample(695, 500, 1)).isCloseTo(40, within(8));
        assertThat(page).contains(">depth, 3000×1500 pixels; as a shape 1254×836 points");
        String thin = page("a", "depth", room(1_500_000, 1));
        assertThat(number(thin, "width")).isEqualTo(2048);
        assertThat(number(thin, "height")).isEqualTo(1);
    }

    /** Noise of depth, normals and colours included; scripts/check-viewer.py opens it. */
    @Test
    void pageOfAnOrdinaryPhotographIsSmall() throws IOException {
        Path file = Path.of("target", "check-viewer", "ordinary.html");
        ViewerPage.write(file, "ordinary", "geometry", room(768, 576));
        assertThat(Files.size(file)).isBetween(1_000_000L, 4_000_000L);
    }

    @Test
    void whatCannotBeShownIsNamedAndLeavesNothing() throws IOException {
        DepthView view = room(8, 6);
        Path file = folder.resolve("a.html");
        assertThatThrownBy(() -> ViewerPage.write(file, "a", "depth", DepthView.of(view.depth(), view.camera())))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("without colours");
        DepthView unknown = DepthView.of(MetricDepthMap.of(8, 6, new float[48]), view.camera())
                .withColours(view.colours().orElseThrow());
        assertThatThrownBy(() -> ViewerPage.write(file, "a", "depth", unknown))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("no pixel of known depth");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }
}
