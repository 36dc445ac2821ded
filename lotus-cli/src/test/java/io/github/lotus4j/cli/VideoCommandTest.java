package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lotus4j.cli.video.FakeFfmpeg;
import io.github.lotus4j.cli.video.FakeFfmpeg.Task;
import io.github.lotus4j.cli.video.Ffmpeg;
import io.github.lotus4j.faults.Fault;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command over frames and, with a script in ffmpeg's place, over videos. */
@Timeout(120)
class VideoCommandTest {
    private static final Map<String, String> BARE = Map.of("HF_HUB_OFFLINE", "1", "PATH", "");

    @TempDir
    Path folder;

    private Path output;

    @BeforeEach
    void resolve() {
        output = folder.resolve("out");
    }

    private Object[] words(Object... more) {
        List<Object> all = new ArrayList<>(List.of("video", "--output", output, "--processing-res", 24));
        all.addAll(List.of(more));
        return all.toArray();
    }

    private Ran run(Map<String, String> environment, Object... more) {
        Ran ran = Ran.in(environment, words(more));
        assertThat(ran.out() + ran.err()).doesNotContain("\tat ").doesNotContain("Exception");
        return ran;
    }

    private static Ran expect(int code, Ran ran, String... words) {
        assertThat(ran.code()).as(ran.err()).isEqualTo(code);
        for (String each : words) {
            assertThat(ran.err()).contains(each);
        }
        return ran;
    }

    /** Hidden ones, too. */
    private List<String> written() throws IOException {
        if (!Files.exists(output)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(output)) { // asked for nothing but names: they may be moved meanwhile
            return files.map(each -> output.relativize(each).toString())
                    .sorted()
                    .toList();
        }
    }

    private Path frames(int... numbers) throws IOException {
        Path frames = folder.resolve("shot");
        for (int each : numbers) {
            TestImages.noise(frames.resolve("frame" + each + ".png"), 24, 16, each);
        }
        return frames;
    }

    @Test
    void framesOfAFolderAreTakenByTheirNumbers() throws IOException {
        Path frames = frames(10, 2, 1);
        Ran ran = expect(0, run(BARE, frames, "--format", "npy", "--cut", 1), "no video of the previews");
        assertThat(ran.out().lines())
                .containsExactly(
                        output.resolve("frame1_depth.npy").toString(),
                        output.resolve("frame2_depth.npy").toString(),
                        output.resolve("frame10_depth.npy").toString());
        Path smoothed = Files.move(output, folder.resolve("smoothed"));
        expect(0, run(BARE, frames + "/*.png", "--format", "npy", "--frame-weight", 1, "--no-video"));
        Path alone = folder.resolve("alone");
        Ran.of("depth", frames, "--output", alone, "--processing-res", 24, "--format", "npy");
        for (int each : new int[] {1, 2, 10}) {
            String file = "frame" + each + "_depth.npy";
            assertThat(output.resolve(file)).hasSameBinaryContentAs(alone.resolve(file));
            boolean first = each == 1;
            assertThat(Files.mismatch(smoothed.resolve(file), alone.resolve(file)) == -1)
                    .isEqualTo(first);
        }
    }

    private static byte[] pixels(Path png) throws IOException {
        BufferedImage image = ImageIO.read(png.toFile());
        byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
        for (int i = 0; i < rgb.length; i++) {
            int pixel = image.getRGB(i / 3 % image.getWidth(), i / 3 / image.getWidth());
            rgb[i] = (byte) (pixel >> (16 - 8 * (i % 3)));
        }
        return rgb;
    }

    /** The video shows what the previews show, in their order. */
    private void requireShown(Path video, String... previews) throws IOException {
        byte[] shown = Files.readAllBytes(video);
        int size = 3 * FakeFfmpeg.WIDTH * FakeFfmpeg.HEIGHT;
        assertThat(shown).hasSize(previews.length * size);
        for (int i = 0; i < previews.length; i++) {
            assertThat(Arrays.copyOfRange(shown, i * size, (i + 1) * size))
                    .isEqualTo(pixels(output.resolve(previews[i])));
        }
    }

    @Test
    void aVideoBecomesNumberedFilesAndAVideo() throws IOException {
        FakeFfmpeg ffmpeg = new FakeFfmpeg(folder.resolve("bin"));
        Path clip = Files.writeString(folder.resolve("-clip one.mp4"), "film");
        Ran ran = expect(0, run(ffmpeg.environment(), "--cut", 1, "--", clip));
        assertThat(ran.err().lines()).hasSize(1).allMatch(line -> line.contains("miniature"));
        List<String> expected = IntStream.rangeClosed(1, 3)
                .boxed()
                .flatMap(i ->
                        Stream.of(".npy", ".png", "_preview.png").map(end -> "-clip one_00000" + i + "_depth" + end))
                .toList();
        List<String> all = new ArrayList<>(expected);
        all.add("-clip one_depth_preview.mp4");
        assertThat(ran.out().lines())
                .containsExactlyElementsOf(all.stream()
                        .map(each -> output.resolve(each).toString())
                        .toList());
        assertThat(written()).containsExactlyInAnyOrderElementsOf(all);
        requireShown(output.resolve("-clip one_depth_preview.mp4"), expected.get(2), expected.get(5), expected.get(8));
        assertThat(ffmpeg.arguments(Task.DECODE)).noneMatch(each -> each.startsWith("fps="));
        assertThat(ffmpeg.arguments(Task.ENCODE)).containsSubsequence("-framerate", "30000/1001");
        // the range of colours is that of all frames, not of each
        Path wide = Files.move(output, folder.resolve("wide"));
        expect(0, run(ffmpeg.environment(), "--cut", 1, "--range", "0,1", "--format", "preview", "--", clip));
        String first = expected.get(2);
        assertThat(output.resolve(first)).hasSameBinaryContentAs(wide.resolve(first));
        expect(0, run(ffmpeg.environment(), "--range", "0.3,0.6", "--format", "preview", "--fps", "15", "--", clip));
        assertThat(Files.mismatch(output.resolve(first), wide.resolve(first))).isNotEqualTo(-1);
        assertThat(ffmpeg.arguments(Task.DECODE)).anyMatch(each -> each.startsWith("fps=15/1:"));
        assertThat(ffmpeg.arguments(Task.ENCODE)).containsSubsequence("-framerate", "15/1");
    }

    @Test
    void normalsToo() throws IOException {
        FakeFfmpeg ffmpeg = new FakeFfmpeg(folder.resolve("bin"));
        Path frames = frames(1, 2);
        expect(0, run(ffmpeg.environment(), frames, "--predict", "normal", "--format", "png", "--fps", "23.976"));
        assertThat(written()).containsExactly("frame1_normal.png", "frame2_normal.png", "shot_normal.mp4");
        requireShown(output.resolve("shot_normal.mp4"), "frame1_normal.png", "frame2_normal.png");
        assertThat(ffmpeg.arguments(Task.ENCODE)).containsSubsequence("-framerate", "2997/125");
        assertThat(ffmpeg.was(Task.DECODE)).isFalse();
    }

    @Test
    void cutsAreTold() throws IOException {
        Path frames = Files.createDirectories(folder.resolve("flat"));
        for (int i = 0; i < 5; i++) {
            BufferedImage flat = new BufferedImage(24, 16, BufferedImage.TYPE_BYTE_GRAY);
            for (int pixel = 0; pixel < 24 * 16; pixel++) {
                flat.getRaster().setSample(pixel % 24, pixel / 24, 0, i < 3 ? 20 * i : 200 + i);
            }
            ImageIO.write(flat, "png", frames.resolve(i + ".png").toFile());
        }
        expect(0, run(BARE, frames, "--format", "npy"), "1 cut was found");
        assertThat(run(BARE, frames, "--format", "npy", "--cut", 1).err()).doesNotContain("found");
        assertThat(run(BARE, frames, "--format", "npy", "--frame-weight", 1).err())
                .doesNotContain("found");
    }

    @Test
    void withoutFfmpegAVideoIsRefusedBeforeAnythingIsLoaded() throws IOException {
        Path clip = Files.writeString(folder.resolve("clip.mp4"), "film");
        expect(
                1,
                run(BARE, clip, "--model", folder.resolve("no-such-model")),
                clip.toString(),
                "ffmpeg",
                "PATH",
                "nstall");
        assertThat(written()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--resume; first frame",
                "--format glb; --format: found GLB",
                "--frame-weight 0; frame weight: found 0.0",
                "--cut 2; cut: found 2.0",
                "--fps fast; --fps: found fast",
                "--range 1,0; range",
                "--predict normal --range 0,1; writes no depth",
                "--predict normal --kind depth; normals are predicted",
                "--kind depth; miniature predicts disparity"
            })
    void wrongOptionsAreSaid(String options, String message) throws IOException {
        Object[] more = Stream.concat(Stream.of(frames(1)), Stream.of(options.split(" ", -1)))
                .toArray();
        expect(2, run(BARE, more), message);
        assertThat(written()).isEmpty();
    }

    @Test
    void wrongSourcesAreSaid() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Ran ran = expect(2, run(BARE, empty), empty + " is a folder without image files");
        assertThat(ran.err()).doesNotContain("--recursive"); // there is none
        expect(2, run(BARE, folder.resolve("none")), "none does not exist, expected a video, a folder");
        expect(2, run(BARE, folder + "/*.gif"), "matches no image file");
        expect(2, run(BARE), "VIDEO|FRAMES");
        expect(2, run(BARE, "a.png", "b.png"), "found 2 files, expected one", "pattern in quotes");
    }

    @Test
    void aFrameThatIsWrongEndsIt() throws IOException {
        Path frames = frames(1, 2);
        Path third = TestImages.noise(frames.resolve("frame3.png"), 16, 24, 3);
        frames(4);
        expect(1, run(BARE, frames, "--format", "npy"), third.toString(), "frame 3", "16×24", "24×16");
        assertThat(written()).containsExactly("frame1_depth.npy", "frame2_depth.npy");
        Files.writeString(third, "no image");
        FakeFfmpeg ffmpeg = new FakeFfmpeg(folder.resolve("bin"));
        expect(1, run(ffmpeg.environment(), frames, "--format", "npy"), third + " is no image");
        assertThat(written()).containsExactly("frame1_depth.npy", "frame2_depth.npy");
        assertThat(ffmpeg.running(Task.ENCODE)).isEmpty();
    }

    @Test
    void aVideosFrameThatIsWrongIsNamedByItsNumber() throws IOException {
        FakeFfmpeg ffmpeg = new FakeFfmpeg(folder.resolve("bin"));
        Path clip = Files.writeString(folder.resolve("clip.mp4"), "film");
        ffmpeg.does(Task.DECODE, "cat \"$here/frames\"; printf 'P6 2 1 255 abcdef'");
        Ran ran = expect(1, run(ffmpeg.environment(), clip, "--format", "npy"), "2×1", "24×16");
        assertThat(ran.err()).contains(clip + ", frame 4: ");
    }

    @Test
    void whatOtherRunsHaveBegunIsLeftAlone() throws IOException {
        FakeFfmpeg ffmpeg = new FakeFfmpeg(folder.resolve("bin"));
        Path clip = Files.writeString(folder.resolve("clip.mp4"), "film");
        Files.createDirectories(output);
        List<String> others = List.of(
                "clip_night_000007_depth.npy",
                "clip_night_depth_preview.mp4",
                "clip_00001_depth.npy",
                "clip_000001_night_000001_depth.npy",
                "clip_depth_preview_normal.mp4");
        List<String> own =
                List.of("clip_000002_depth.npy", "clip_1000000_normal_preview.png", "clip_depth_preview.mp4");
        String end = ".01234567-89ab-cdef-0123-456789abcdef.part";
        for (String each : Stream.concat(others.stream(), own.stream()).toList()) {
            Files.writeString(output.resolve("." + each + end), "half");
        }
        expect(0, run(ffmpeg.environment(), clip, "--format", "npy"));
        assertThat(written().stream().filter(each -> each.endsWith(".part")))
                .containsExactlyInAnyOrderElementsOf(
                        others.stream().map(each -> "." + each + end).toList());
    }

    @Test
    void whatFfmpegCannotDoEndsItWithItsWords() throws IOException {
        FakeFfmpeg ffmpeg = new FakeFfmpeg(folder.resolve("bin"));
        Path clip = Files.writeString(folder.resolve("clip.mp4"), "film");
        ffmpeg.does(Task.PROBE, "echo Invalid data >&2; exit 183");
        expect(1, run(ffmpeg.environment(), clip), clip + " cannot be read", "Invalid data");
        assertThat(written()).isEmpty();
        ffmpeg.list(3);
        ffmpeg.does(Task.DECODE, "cat \"$here/frames\"; echo damaged >&2; exit 69");
        expect(1, run(ffmpeg.environment(), clip, "--format", "npy"), clip + " cannot be decoded", "69", "damaged");
        String first = "clip_000001_depth.npy";
        assertThat(written()).contains(first).allMatch(each -> each.endsWith("_depth.npy"));
        ffmpeg.decode(FakeFfmpeg.frames(3));
        ffmpeg.does(Task.ENCODE, "echo disk full >&2; exit 28");
        expect(
                1,
                run(ffmpeg.environment(), clip, "--format", "npy"),
                "clip_depth_preview.mp4 cannot be written",
                "disk full",
                "--no-video");
        assertThat(written()).contains(first).allMatch(each -> each.endsWith("_depth.npy"));
        ffmpeg.does(Task.ENCODE, "cat > \"${last#file:}\"");
        ffmpeg.does(Task.DECODE, "echo one packet >&2; cat \"$here/frames\"");
        expect(
                1,
                run(ffmpeg.environment(), clip, "--format", "npy"),
                "ffmpeg reported errors; every frame that it could decode is done: one packet");
        for (Task each : Task.values()) {
            assertThat(ffmpeg.running(each)).isEmpty();
        }
    }

    @Test
    void interruptingEndsFfmpegAndLeavesNothingUnfinished() throws Exception {
        FakeFfmpeg ffmpeg = new FakeFfmpeg(folder.resolve("bin"));
        Path clip = Files.writeString(folder.resolve("clip.mp4"), "film");
        ffmpeg.does(Task.DECODE, "cat \"$here/frames\"; sleep 1000");
        Thread running = Thread.ofPlatform().start(() -> Ran.in(ffmpeg.environment(), words(clip, "--format", "npy")));
        while (!written().contains("clip_000002_depth.npy") && running.isAlive()) {
            Thread.sleep(5);
        }
        assertThat(ffmpeg.running(Task.DECODE)).isPresent();
        running.interrupt();
        running.join();
        assertThat(ffmpeg.running(Task.DECODE)).isEmpty();
        assertThat(ffmpeg.running(Task.ENCODE)).isEmpty();
        assertThat(written()).contains("clip_000002_depth.npy").allMatch(each -> each.endsWith("_depth.npy"));
    }

    /** As by Ctrl-C, or worse: the pipes close, which ends whoever writes into them, and who reads from them. */
    @Test
    @Fault(value = "a video's run is killed", by = "kill -9", then = "no ffmpeg stays; no half-written file either")
    void aKilledRunLeavesNoProcessAndNothingHalfWritten() throws Exception {
        FakeFfmpeg ffmpeg = new FakeFfmpeg(folder.resolve("bin"));
        Path clip = Files.writeString(folder.resolve("clip.mp4"), "film");
        ffmpeg.does(Task.DECODE, "while cat \"$here/frames\"; do :; done");
        ProcessBuilder process = Ran.process(Main.class, words(clip, "--format", "npy"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("victim.log").toFile());
        process.environment().put("PATH", folder.resolve("bin") + File.pathSeparator + System.getenv("PATH"));
        Process victim = process.start();
        while (!written().contains("clip_000004_depth.npy") && victim.isAlive()) {
            Thread.sleep(5);
        }
        assertThat(victim.isAlive())
                .as(Files.readString(folder.resolve("victim.log")))
                .isTrue();
        assertThat(ffmpeg.running(Task.ENCODE)).isPresent();
        victim.destroyForcibly().waitFor();
        while (ffmpeg.running(Task.DECODE).isPresent()
                || ffmpeg.running(Task.ENCODE).isPresent()) {
            Thread.sleep(5); // until the test's time is over
        }
        assertThat(written()).allMatch(each -> each.endsWith("_depth.npy") || each.startsWith("."));
        ffmpeg.decode(FakeFfmpeg.frames(3));
        expect(0, run(ffmpeg.environment(), clip, "--format", "npy"));
        assertThat(written()).contains("clip_depth_preview.mp4").noneMatch(each -> each.startsWith("."));
    }

    @Test
    void realFfmpeg() throws IOException {
        assumeTrue(Ffmpeg.find(System.getenv()).isPresent(), "ffmpeg is not on the PATH: only its stand-in was tested");
        Map<String, String> environment = Map.of("HF_HUB_OFFLINE", "1", "PATH", System.getenv("PATH"));
        Path frames = frames(1, 2, 3);
        expect(0, run(environment, frames, "--format", "preview"));
        Path made = Files.move(output.resolve("shot_depth_preview.mp4"), folder.resolve("clip.mp4"));
        Ran ran = expect(0, run(environment, made, "--format", "npy"));
        assertThat(ran.out().lines()).hasSize(4).last().asString().endsWith("clip_depth_preview.mp4");
        assertThat(output.resolve("clip_depth_preview.mp4")).isNotEmptyFile();
    }
}
