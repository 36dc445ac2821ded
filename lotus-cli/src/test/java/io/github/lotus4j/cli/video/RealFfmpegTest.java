package io.github.lotus4j.cli.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With ffmpeg itself, where there is one. */
@Timeout(120)
class RealFfmpegTest {
    private static final String SOURCE = "-f lavfi -i testsrc=size=64x48:rate=";

    @TempDir
    Path folder;

    private Ffmpeg ffmpeg = new Ffmpeg(Path.of("ffmpeg"));

    @BeforeEach
    void find() {
        Optional<Ffmpeg> found = Ffmpeg.find(System.getenv());
        assumeTrue(found.isPresent(), "ffmpeg is not on the PATH: only its stand-in was tested");
        ffmpeg = found.get();
    }

    /** @return what it said */
    private String call(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(ffmpeg.program().toString(), "-nostdin", "-hide_banner"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private Path make(String name, String arguments) throws IOException {
        Path file = folder.resolve(name);
        List<String> all = new ArrayList<>(List.of(arguments.split(" ", -1)));
        all.add(file.toString());
        String said = call(all);
        assertThat(file).as(said).isNotEmptyFile();
        return file;
    }

    private List<RgbImage> read(Path video, Optional<FrameRate> rate) {
        List<RgbImage> frames = new ArrayList<>();
        try (VideoReader reader = new VideoReader(ffmpeg, video, rate)) {
            for (Optional<RgbImage> next = reader.next(); next.isPresent(); next = reader.next()) {
                frames.add(next.get());
            }
            assertThat(reader.complaints()).isEmpty();
        }
        return frames;
    }

    private void write(Path target, FrameRate rate, int width, int height, List<byte[]> frames) {
        try (VideoWriter writer = new VideoWriter(ffmpeg, target, rate)) {
            frames.forEach(each -> writer.add(width, height, each));
            writer.finish();
        }
    }

    /** An encoder loses a little, and more where colours change within two pixels: the frames change slowly. */
    private static byte[] ramp(int width, int height, int frame) {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.length / 3; i++) {
            int x = i % width;
            int y = i / width;
            rgb[3 * i] = (byte) (40 + 2 * x);
            rgb[3 * i + 1] = (byte) (60 + 2 * y);
            rgb[3 * i + 2] = (byte) (50 + 20 * frame);
        }
        return rgb;
    }

    @Test
    void itReadsWhatItWrote() throws IOException {
        Path target = folder.resolve("-a b'\"$(touch x);*%03d.mp4");
        int width = 65; // odd: colours are stored for two pixels each way
        int height = 47;
        List<byte[]> ramps = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            ramps.add(ramp(width, height, i));
        }
        FrameRate rate = new FrameRate(30000, 1001);
        write(target, rate, width, height, ramps);
        assertThat(VideoInfo.of(ffmpeg, target)).isEqualTo(new VideoInfo(7, Optional.of(rate)));
        List<RgbImage> frames = read(target, Optional.empty());
        assertThat(frames).hasSize(7);
        for (int i = 0; i < 7; i++) {
            assertThat(frames.get(i).width()).isEqualTo(66);
            assertThat(frames.get(i).height()).isEqualTo(48);
            byte[] rgb = frames.get(i).toArray();
            double difference = 0;
            for (int j = 0; j < ramps.get(i).length; j++) {
                int at = 3 * 66 * (j / (3 * width)) + j % (3 * width);
                difference += Math.abs((rgb[at] & 0xff) - (ramps.get(i)[j] & 0xff)) / (double) ramps.get(i).length;
            }
            assertThat(difference).isCloseTo(0, within(8.0));
        }
        assertThat(read(target, Optional.of(new FrameRate(30000, 2002)))).hasSize(4);
        Path text = Files.writeString(folder.resolve("clip.mp4"), "film");
        assertThatThrownBy(() -> VideoInfo.of(ffmpeg, text))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("ffmpeg ended with code");
    }

    /** Where rates vary, where a frame lasts long, and where the picture begins later than the sound. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "variable.mkv; 10:duration=3 -vf setpts=if(lt(N\\,10)\\,N\\,10+7*(N-10))",
                "variable.mp4; 10:duration=3 -vf setpts=if(lt(N\\,10)\\,N\\,10+7*(N-10))",
                "slides.mkv; 10:duration=3 -vf setpts=300*N",
                "late.mkv; 10:duration=3 -f lavfi -i sine=duration=6",
                "late.mp4; 10:duration=3 -f lavfi -i sine=duration=6"
            })
    void everyFrameComesOnce(String name, String arguments) throws IOException {
        Path video = make(name, (name.startsWith("late") ? "-itsoffset 2 " : "") + SOURCE + arguments);
        assertThat(VideoInfo.of(ffmpeg, video).frames()).isEqualTo(30);
        assertThat(read(video, Optional.empty())).hasSize(30);
        assertThat(read(video, Optional.of(new FrameRate(1, 1000)))).hasSize(1);
    }

    @Test
    void aRateThatIsWantedIsThatOfTheVideosTime() throws IOException {
        Path late = make("late.mkv", "-itsoffset 2 " + SOURCE + "10:duration=3 -f lavfi -i sine=duration=6");
        assertThat(read(late, Optional.of(new FrameRate(5, 1)))).hasSize(15); // of its picture's three seconds
        Path slides = make("slides.mkv", SOURCE + "10:duration=3 -vf setpts=20*N");
        assertThat(read(slides, Optional.of(new FrameRate(1, 1)))).hasSizeBetween(58, 60);
    }

    @Test
    void ratesOfMatroskaAreNotRoundedToMilliseconds() throws IOException {
        Path film = make("film.mkv", SOURCE + "24000/1001 -frames:v 48");
        FrameRate rate = VideoInfo.of(ffmpeg, film).rate().orElseThrow();
        assertThat((double) rate.numerator() / rate.denominator()).isCloseTo(23.976, within(0.05));
    }

    @Test
    void pixelsBecomeSquare() throws IOException {
        Path wide = make("wide.mkv", SOURCE + "10:duration=1 -vf setsar=4/3");
        RgbImage frame = read(wide, Optional.empty()).getFirst();
        assertThat(frame.width()).isEqualTo(85);
        assertThat(frame.height()).isEqualTo(48);
    }

    /** Of red, BT.709 has 63 as its luma; BT.601, which ffmpeg takes by itself, 81. */
    @Test
    void coloursAreThoseThatTheFileSays() throws IOException {
        byte[] red = new byte[3 * 64 * 64];
        for (int i = 0; i < red.length; i += 3) {
            red[i] = -1;
        }
        Path video = folder.resolve("red.mp4");
        write(video, FrameRate.USUAL, 64, 64, Collections.nCopies(3, red));
        assertThat(call(List.of("-i", video.toString()))).containsPattern("yuv420p\\(tv, bt709[,)]");
        Path planes = make("red.yuv", "-i " + video + " -pix_fmt yuv420p -f rawvideo");
        assertThat(Files.readAllBytes(planes)[32 * 64 + 32] & 0xff).isBetween(61, 65);
        byte[] back = read(video, Optional.empty()).getFirst().toArray();
        assertThat(back[3 * (32 * 64 + 32)] & 0xff).isGreaterThan(250);
        assertThat(back[3 * (32 * 64 + 32) + 1] & 0xff).isLessThan(6);
    }
}
