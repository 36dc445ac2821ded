package io.github.lotus4j.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartTest {
    @TempDir
    Path folder;

    /** Begins a part, says what it is called, and waits to be killed. */
    static final class Writer {
        public static void main(String[] args) throws IOException {
            try (Part part = Part.begin(Path.of(args[0]))) {
                System.out.println(part.path());
                System.in.read();
            }
        }
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
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        folder.resolve("a.png").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            Path part = Path.of(writer.inputReader().readLine());
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

    @Test
    void whatThisProcessWritesIsNotDeleted() throws IOException {
        try (Part part = Part.begin(folder.resolve("a.png"))) {
            Part.deleteIfLeft(part.path());
            assertThat(part.path()).exists();
            Files.writeString(part.path(), "whole");
            part.finish();
        }
        assertThat(folder.resolve("a.png")).hasContent("whole");
        assertThat(folder.toFile().list()).hasSize(1);
    }
}
