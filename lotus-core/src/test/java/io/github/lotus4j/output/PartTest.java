package io.github.lotus4j.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartTest {
    @TempDir
    Path folder;

    /** Has a file written, says so once it is begun, and waits to be killed. */
    static final class Writer {
        public static void main(String[] args) {
            NewFile.write(Path.of(args[0]), out -> {
                out.write(new byte[100_000]);
                System.out.println("begun");
                System.in.read();
            });
        }
    }

    /** Looks at what is there as if it were left. */
    static final class Cleaner {
        public static void main(String[] args) throws IOException {
            Part.deleteIfLeft(Path.of(args[0]));
        }
    }

    private static Process run(Class<?> program, Path argument) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        program.getName(),
                        argument.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** File systems take 255 bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"x", "é", "日", "🏠"})
    void namesMayBeAsLongAsFileSystemsTakeThem(String letter) throws IOException {
        int bytes = letter.getBytes(StandardCharsets.UTF_8).length;
        Path file = folder.resolve(letter.repeat(251 / bytes) + ".npy");
        assertThat(NewFile.write(file, out -> out.write(1))).hasBinaryContent(new byte[] {1});
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    @Timeout(60)
    void onlyWhatAKilledProcessLeftIsDeleted() throws IOException, InterruptedException {
        Process writer = run(Writer.class, folder.resolve("a.png"));
        try {
            assertThat(writer.inputReader().readLine()).isEqualTo("begun");
            Path part = onlyFile();
            assertThat(Part.targetOf(String.valueOf(part.getFileName()))).contains("a.png");
            Part.deleteIfLeft(part);
            assertThat(part).exists();
            writer.destroyForcibly().waitFor();
            assertThat(part).exists();
            Part.deleteIfLeft(part);
            assertThat(part).doesNotExist();
        } finally {
            writer.destroyForcibly();
        }
    }

    private Path onlyFile() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.reduce((one, other) -> fail(one + " and " + other)).orElseThrow();
        }
    }

    /** Nor by others after this process has looked at it itself, or once it is written. */
    @Test
    @Timeout(60)
    void whatThisProcessWritesIsNotDeleted() throws IOException, InterruptedException {
        try (Part part = Part.begin(folder.resolve("a.png"))) {
            try (OutputStream out = part.output()) {
                out.write("whole".getBytes(StandardCharsets.UTF_8));
            }
            Part.deleteIfLeft(part.path());
            assertThat(run(Cleaner.class, part.path()).waitFor()).isZero();
            assertThat(part.path()).exists();
            part.finish();
        }
        assertThat(folder.resolve("a.png")).hasContent("whole");
        assertThat(onlyFile()).isEqualTo(folder.resolve("a.png"));
    }

    @Test
    void whoIsInterruptedWritesAllTheSame() {
        Thread.currentThread().interrupt();
        Path file = NewFile.write(folder.resolve("a.png"), out -> out.write(new byte[100_000]));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(file).hasSize(100_000);
    }
}
