package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link PredictFolder#main} as {@code java -Dspark.master=…} calls it. */
class PredictFolderMainTest {
    private static final Map<String, String> PROPERTIES =
            Map.of("spark.master", "local[2]", "spark.ui.enabled", "false", "spark.sql.shuffle.partitions", "2");

    @TempDir
    Path temp;

    @AfterEach
    void clear() {
        PROPERTIES.keySet().forEach(System::clearProperty);
    }

    private static String printed(String... arguments) throws IOException {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            PredictFolder.main(arguments);
        } finally {
            System.setOut(out);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aFolderIsPredictedByACommandLine() throws IOException {
        PROPERTIES.forEach(System::setProperty);
        Path photos = Files.createDirectories(temp.resolve("photos"));
        Files.write(photos.resolve("a.png"), TestImages.png(16, 12, 1));
        Files.writeString(photos.resolve("b.png"), "no image");
        String output = temp.resolve("depths").toString();
        assertThat(printed("--depth", "nano", "--processing-res", "16", "--output", output, photos.toString()))
                .contains(
                        "2 images, of which 0 were done before; predicting 2 in 1 chunks\n",
                        "2 of 2 images predicted, 1 failed, ")
                .endsWith("2 images: 0 were done before, 2 now;"
                        + " images in the output that failed (the column failure says why): 1\n");
        assertThat(ExecutorModels.POOL.size()).isZero(); // the plugin, which nobody had to name, closed the model
    }

    @Test
    void helpNeedsNoSpark() throws IOException {
        assertThat(printed("--output", "x", "--help")).isEqualTo(PredictFolderArguments.USAGE);
    }

    @Test
    void whatIsWrongIsSaidWithoutATrace() {
        assertThatThrownBy(() -> PredictFolder.main(new String[] {"--output", "x"}))
                .isInstanceOf(LotusException.class)
                .hasMessage("no input was named; --help lists all options")
                .satisfies(thrown -> assertThat(thrown.getStackTrace()).isEmpty());
    }
}
