package io.github.lotus4j.cli.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.cli.video.FakeFfmpeg.Task;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading and writing videos, with a program in ffmpeg's place. */
@Timeout(60)
class VideoTest {
    @TempDir
    Path folder;

    private FakeFfmpeg fake;
    private Path video;

    @BeforeEach
    void program() throws IOException {
        fake = new FakeFfmpeg(folder.resolve("bin"));
        video = Files.writeString(folder.resolve("clip.mp4"), "film");
    }

    private VideoReader reader() {
        return new VideoReader(fake.program(), video, Optional.empty());
    }

    private List<Path> written() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(each -> Files.isRegularFile(each) && !each.equals(video))
                    .toList();
        }
    }

    @Test
    void programIsLookedForInAbsoluteFoldersOfThePath() throws IOException {
        Path none = folder.resolve("none");
        Files.createDirectories(none.resolve("ffmpeg")); // a folder of that name
        Path dead = Files.createDirectories(folder.resolve("dead"));
        Files.writeString(dead.resolve("ffmpeg"), "not executable");
        String bin = folder.resolve("bin").toString();
        String path = String.join(File.pathSeparator, "", "\0", none.toString(), dead.toString(), bin);
        assertThat(Ffmpeg.find(Map.of("PATH", path))).contains(fake.program());
        Path here = Path.of("").toAbsolutePath();
        String relative = here.relativize(folder.resolve("bin")).toString();
        assertThat(Path.of(relative).resolve("ffmpeg")).isExecutable();
        assertThat(Ffmpeg.find(Map.of("PATH", relative))).isEmpty();
        assertThat(Ffmpeg.find(Map.of("PATH", ""))).isEmpty();
        assertThat(Ffmpeg.find(Map.of())).isEmpty();
        assertThat(Ffmpeg.find(Map.of("Path", bin, "OTHER", "x"))).contains(fake.program()); // as Windows has it
        assertThat(Ffmpeg.find(Map.of("path", "", "PATH", bin))).contains(fake.program());
    }

    @Test
    void framesComeAsTheyAreDecoded() {
        try (VideoReader reader = reader()) {
            for (int i = 0; i < 3; i++) {
                RgbImage frame = reader.next().orElseThrow();
                assertThat(frame.width()).isEqualTo(FakeFfmpeg.WIDTH);
                assertThat(frame.height()).isEqualTo(FakeFfmpeg.HEIGHT);
                assertThat(frame.toArray()).isEqualTo(FakeFfmpeg.rgb(i));
            }
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void infoIsCountedFromPackets() throws IOException {
        VideoInfo info = VideoInfo.of(fake.program(), video);
        assertThat(info).isEqualTo(new VideoInfo(3, Optional.of(new FrameRate(30000, 1001))));
        assertThat(info.frames(Optional.empty())).isEqualTo(3);
        assertThat(info.frames(Optional.of(FrameRate.of("300")))).isEqualTo(30);
        fake.does(Task.PROBE, "echo '0, 0, 0, 0, 7, 0x1'");
        assertThat(VideoInfo.of(fake.program(), video)).isEqualTo(new VideoInfo(1, Optional.empty()));
    }

    private Optional<FrameRate> rate(String... lines) throws IOException {
        fake.does(Task.PROBE, "echo '" + String.join("'; echo '", lines) + "'");
        return VideoInfo.of(fake.program(), video).rate();
    }

    @Test
    void ratesAreFromTheFirstFrameToTheLastShown() throws IOException {
        String unit = "#tb 0: 1/1000";
        // 24000/1001, whose durations are cut off to milliseconds, in the order of decoding
        assertThat(rate(
                        unit,
                        "0, -42, 0, 41, 9, 0x1",
                        "0, 0, 125, 41, 9, 0x1",
                        "0, 42, 42, 41, 9, 0x1",
                        "0, 83, 83, 41, 9, 0x1"))
                .contains(new FrameRate(3 * 1000, 125));
        assertThat(rate(unit, "0, 70, 70, 40, 9, 0x1")).contains(new FrameRate(25, 1));
        assertThat(rate(unit, "0, 0, 0, 40, 9, 0x1", "0, 0, 0, 60, 9, 0x1")).contains(new FrameRate(20, 1));
        String none = "" + Long.MIN_VALUE;
        assertThat(rate(unit, "0, 0, " + none + ", 40, 9, 0x1", "0, 40, 40, 40, 9, 0x1"))
                .contains(new FrameRate(25, 1));
        assertThat(rate(unit, "0, 0, 0, 0, 9, 0x1")).isEmpty();
    }

    @Test
    void framesAreNumberedAnewSoThatEachComesOnce() throws IOException {
        String once = "scale=round(iw*sar):ih,setsar=1,settb=100000,setpts=N";
        try (VideoReader reader = reader()) {
            reader.next();
        }
        assertThat(fake.arguments(Task.DECODE))
                .containsSubsequence("-vf", once, "-f", "image2pipe", "-r", "1/100000", "-c:v", "ppm");
        try (VideoReader reader = new VideoReader(fake.program(), video, Optional.of(FrameRate.of("2.5")))) {
            reader.next();
        }
        assertThat(fake.arguments(Task.DECODE))
                .containsSubsequence("-vf", "fps=5/2:eof_action=pass," + once, "-r", "1/100000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "echo '#tb 0: 1/25'; holds no video",
                "echo Welcome; list of frames: found Welcome, expected stream",
                "echo '0, 0, 0'; list of frames: found 0, 0, 0, expected stream",
                "echo '#tb 0: 0/0'; list of frames: found #tb 0: 0/0, expected #tb 0: seconds",
                "echo '#tb 0: 1'; list of frames: found #tb 0: 1, expected #tb 0: seconds",
                "echo bad file >&2 && exit 3; cannot be read: ffmpeg ended with code 3: bad file",
                "exit 1; ffmpeg ended with code 1, and said nothing"
            })
    void filesThatHoldNoVideoAreRefused(String script, String words) throws IOException {
        fake.does(Task.PROBE, script);
        assertThatThrownBy(() -> VideoInfo.of(fake.program(), video))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll(video.toString(), words);
    }

    /** After {@code whole} frames, the decoder does this. */
    private void requireFailure(int whole, String script, String... words) throws IOException {
        fake.decode(FakeFfmpeg.frames(whole));
        fake.does(Task.DECODE, "cat \"$here/frames\"; " + script);
        try (VideoReader reader = reader()) {
            for (int i = 0; i < whole; i++) {
                assertThat(reader.next()).isPresent();
            }
            assertThatThrownBy(reader::next)
                    .isInstanceOf(LotusException.class)
                    .hasMessageContaining(video.toString())
                    .hasMessageContainingAll(words);
        }
        assertThat(fake.running(Task.DECODE)).isEmpty();
    }

    @Test
    void whatFfmpegSaysIsInTheMessage() throws IOException {
        requireFailure(0, "echo first line >&2; echo second line >&2; exit 69", "code 69: first line; second line");
        requireFailure(2, "exit 1", "ffmpeg ended with code 1, and said nothing");
        requireFailure(0, "exit 0", "holds no frame");
        String long_ = "i=0; while [ $i -lt 3000 ]; do echo line $i of many >&2; i=$((i+1)); done; exit 1";
        requireFailure(1, long_, "line 2999 of many");
    }

    @Test
    void outputThatIsNoFrameIsRefused() throws IOException {
        requireFailure(1, "echo This is no image, it is text; sleep 1000", "no header of an image", "frame 2");
        requireFailure(0, "printf 'P6 0 5 255 '; sleep 1000", "frame 1");
        requireFailure(0, "printf 'P6 24 16 65535 '; sleep 1000", "frame 1");
        requireFailure(0, "printf 'P6 99999 99999 255 '; sleep 1000", "frame 1");
        requireFailure(0, "head -c 100000 /dev/zero; sleep 1000", "frame 1");
        requireFailure(2, "printf 'P6 24 16 255 abc'", "ends in frame 3", "found 3 bytes", "expected 1152");
        requireFailure(2, "printf 'P6 24 16 255 abc'; echo disk error >&2; exit 5", "code 5: disk error");
        requireFailure(2, "printf 'P6 24'", "no header of an image", "frame 3");
        requireFailure(2, "printf 'P6 24'; echo disk error >&2; exit 5", "code 5: disk error");
    }

    @Test
    void framesThatDoNotFitIntoMemoryAreRefusedBeforeTheyAreRead() throws IOException {
        fake.does(Task.DECODE, "printf 'P6 300 200 255 '; sleep 1000");
        try (VideoReader reader = new VideoReader(fake.program(), video, Optional.empty(), 6 * 300 * 200 - 1)) {
            assertThatThrownBy(reader::next).isInstanceOf(InsufficientMemoryException.class);
        }
    }

    @Test
    void whatItComplainsAboutIsKept() throws IOException {
        fake.does(Task.DECODE, "echo one packet is damaged >&2; cat \"$here/frames\"");
        try (VideoReader reader = reader()) {
            while (reader.next().isPresent()) {
                assertThat(fake.was(Task.DECODE)).isTrue();
            }
            assertThat(reader.complaints()).isEqualTo("one packet is damaged");
        }
    }

    /** A script may have started others, which hold its pipes. */
    @Test
    void stoppingEndsItAndWhoWaitsForIt() throws Exception {
        Path sleeping = folder.resolve("sleeping");
        fake.does(
                Task.DECODE,
                "sleep 1000 & echo $! > '%s.new'; mv '%s.new' '%s'; wait".replace("%s", sleeping.toString()));
        try (VideoReader reader = reader()) {
            Thread stopper = Thread.ofPlatform().start(() -> {
                while (Files.notExists(sleeping)) {
                    Thread.onSpinWait();
                }
                reader.stop();
            });
            assertThatThrownBy(reader::next).isInstanceOf(LotusException.class);
            stopper.join();
        }
        assertThat(fake.running(Task.DECODE)).isEmpty();
        long pid = Long.parseLong(Files.readString(sleeping).strip());
        ProcessHandle.of(pid).ifPresent(started -> started.onExit().join()); // until the test's time is over
    }

    @Test
    void nothingIsTakenForAnOptionAPatternOrAnAddress() throws IOException {
        for (String name : List.of("-y.mp4", "a b'\"$(touch x);*%03d.mp4", "http:.mp4")) {
            Path odd = Files.writeString(folder.resolve(name), "film");
            VideoInfo.of(fake.program(), odd);
            try (VideoReader reader = new VideoReader(fake.program(), odd, Optional.of(FrameRate.of("2.5")))) {
                reader.next();
            }
            String url = "file:" + odd.toAbsolutePath();
            assertThat(fake.arguments(Task.PROBE)).containsSubsequence("-protocol_whitelist", "file", "-i", url);
            assertThat(fake.arguments(Task.DECODE))
                    .containsSubsequence("-protocol_whitelist", "file", "-i", url, "-map");
            try (VideoWriter writer = new VideoWriter(fake.program(), odd, FrameRate.USUAL)) {
                writer.add(2, 1, new byte[6]);
                writer.finish();
            }
            assertThat(fake.arguments(Task.ENCODE).getLast()).startsWith("file:" + folder.toAbsolutePath() + "/.");
            assertThat(odd).hasBinaryContent(new byte[6]);
        }
    }

    @Test
    void videoAppearsWhenItIsWhole() throws IOException {
        Path target = folder.resolve("new/preview.mp4");
        try (VideoWriter writer = new VideoWriter(fake.program(), target, new FrameRate(30000, 1001))) {
            writer.add(FakeFfmpeg.WIDTH, FakeFfmpeg.HEIGHT, FakeFfmpeg.rgb(0));
            writer.add(FakeFfmpeg.WIDTH, FakeFfmpeg.HEIGHT, FakeFfmpeg.rgb(1));
            assertThat(target).doesNotExist();
            assertThatThrownBy(() -> writer.add(2, 2, new byte[12])).hasMessageContainingAll("2×2", "24×16");
            assertThat(writer.finish()).isEqualTo(target);
        }
        byte[] both = Arrays.copyOf(FakeFfmpeg.rgb(0), 2 * FakeFfmpeg.rgb(0).length);
        System.arraycopy(FakeFfmpeg.rgb(1), 0, both, both.length / 2, both.length / 2);
        assertThat(target).hasBinaryContent(both);
        assertThat(fake.arguments(Task.ENCODE))
                .containsSubsequence("-video_size", "24x16", "-framerate", "30000/1001", "-i", "pipe:0");
        try (Stream<Path> files = Files.list(target.getParent())) {
            assertThat(files).containsExactly(target);
        }
    }

    @Test
    void whatWasStoppedBeforeItsFirstFrameDoesNotBegin() {
        Path target = folder.resolve("preview.mp4");
        try (VideoWriter writer = new VideoWriter(fake.program(), target, FrameRate.USUAL)) {
            writer.stop();
            assertThatThrownBy(() -> writer.add(2, 1, new byte[6]))
                    .isInstanceOf(LotusException.class)
                    .hasMessage(target + " cannot be written: it was stopped");
        }
        assertThat(fake.was(Task.ENCODE)).isFalse();
    }

    /** Its number may be another's by then. */
    @Test
    void aProcessThatHasEndedIsLeftAlone() {
        AtomicInteger harmed = new AtomicInteger();
        Process ended = new Process() {
            @Override
            public OutputStream getOutputStream() {
                return OutputStream.nullOutputStream();
            }

            @Override
            public InputStream getInputStream() {
                return InputStream.nullInputStream();
            }

            @Override
            public InputStream getErrorStream() {
                return InputStream.nullInputStream();
            }

            @Override
            public int waitFor() {
                return 0;
            }

            @Override
            public int exitValue() {
                return 0;
            }

            @Override
            public Stream<ProcessHandle> descendants() {
                harmed.incrementAndGet();
                return Stream.empty();
            }

            @Override
            public void destroy() {
                harmed.incrementAndGet();
            }
        };
        try (FfmpegProcess process = new FfmpegProcess(ended)) {
            process.requireDone("nothing");
            process.kill();
        }
        assertThat(harmed).hasValue(0);
    }

    @Test
    void nothingIsLeftOfAVideoThatFailed() throws IOException {
        Path target = folder.resolve("preview.mp4");
        fake.does(Task.ENCODE, "head -c 10 > \"${last#file:}\"; echo No space left >&2; exit 28");
        byte[] large = new byte[3 * 1000 * 1000]; // more than a pipe holds
        try (VideoWriter writer = new VideoWriter(fake.program(), target, FrameRate.USUAL)) {
            assertThatThrownBy(() -> {
                        writer.add(1000, 1000, large);
                        writer.add(1000, 1000, large);
                        writer.finish();
                    })
                    .isInstanceOf(LotusException.class)
                    .hasMessageContainingAll(target + " cannot be written", "code 28: No space left");
        }
        fake.does(Task.ENCODE, "cat > \"${last#file:}\"; exit 1");
        try (VideoWriter writer = new VideoWriter(fake.program(), target, FrameRate.USUAL)) {
            writer.add(2, 1, new byte[6]);
            assertThatThrownBy(writer::finish).hasMessageContaining("code 1");
        }
        fake.does(Task.ENCODE, "cat > \"${last#file:}\"; sleep 1000");
        try (VideoWriter writer = new VideoWriter(fake.program(), target, FrameRate.USUAL)) {
            writer.add(2, 1, new byte[6]);
        }
        assertThat(fake.running(Task.ENCODE)).isEmpty();
        assertThat(written()).isEmpty();
        try (VideoWriter writer = new VideoWriter(fake.program(), target, FrameRate.USUAL)) {
            assertThatThrownBy(writer::finish).hasMessageContaining("no frame");
        }
        Path none = folder.resolve("nowhere");
        assertThatThrownBy(() -> VideoInfo.of(new Ffmpeg(none), video))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining(none + " cannot be started");
    }

    @ParameterizedTest
    @CsvSource({"25, 25/1", "23.976, 2997/125", "30000/1001, 30000/1001", "0.5, 1/2", "50/2, 25/1", "1e1, 10/1"})
    void ratesAreFractions(String text, String rate) {
        assertThat(FrameRate.of(text)).hasToString(rate);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "0", "-1", "1001", "1/0", "1/2/3", "1e999999999", "0.0001", "NaN"})
    void wrongRatesAreRefused(String text) {
        assertThatThrownBy(() -> FrameRate.of(text))
                .isInstanceOf(LotusException.class)
                .hasMessageContainingAll("found " + text, "expected frames a second");
    }

    @Test
    void ratesWithTooManyDigitsAreToldSo() {
        for (String text : List.of("23.976023976023976023976", "1." + "3".repeat(60), "1e30/1e30")) {
            assertThatThrownBy(() -> FrameRate.of(text))
                    .isInstanceOf(LotusException.class)
                    .hasMessage("found " + text + ", expected fewer digits: nine behind the point are enough");
        }
        assertThat(FrameRate.of("23.976023976")).hasToString("2997002997/125000000");
    }
}
