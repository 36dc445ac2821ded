package io.github.lotus4j.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionWriterTest {
    @TempDir
    Path folder;

    @Test
    void numpyReadsWhatIsWritten() throws IOException {
        float[] values = new float[40_000];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Npy.write(out, values, 100, 400);
        ByteBuffer file = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(out.toByteArray()).startsWith(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0);
        int header = file.getShort(8);
        assertThat((10 + header) % 64).isZero();
        assertThat(new String(out.toByteArray(), 10, header, StandardCharsets.US_ASCII))
                .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (100, 400,), }")
                .endsWith(" \n");
        assertThat(out.size()).isEqualTo(10 + header + 4 * values.length);
        for (int i = 0; i < values.length; i++) {
            assertThat(file.getFloat(10 + header + 4 * i)).isEqualTo(values[i]);
        }
        assertThatThrownBy(() -> Npy.write(out, values, 100, 401)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sixteenBitsKeepTheirValues() throws IOException {
        float[] values = {0, 1, 0.5f, 1f / 65535, 65534f / 65535, 0.3f};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Png.writeGrey16(out, values, 3, 2, Metadata.NONE);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
        assertThat(image.getRaster().getPixels(0, 0, 3, 2, (int[]) null))
                .containsExactly(0, 65535, 32768, 1, 65534, Math.round(0.3f * 65535));
    }

    @Test
    void failureLeavesNothingAndKeepsTheOlderFile() throws IOException {
        Path target = Files.writeString(folder.resolve("old.npy"), "old");
        assertThatThrownBy(() -> NewFile.write(target, out -> {
                    out.write(new byte[100_000]);
                    throw new IOException("disk full");
                }))
                .isInstanceOf(OutputException.class)
                .hasMessageContainingAll(target.toString(), "disk full");
        assertThat(target).hasContent("old");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        }
        NewFile.write(target, out -> out.write('n'));
        assertThat(target).hasContent("n");
    }

    @Test
    void fileInPlaceOfTheFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThatThrownBy(() -> NewFile.write(file.resolve("a.png"), out -> out.write(1)))
                .isInstanceOf(OutputException.class)
                .hasMessageContainingAll(file.toString(), "expected a folder");
        assertThatThrownBy(() -> NewFile.write(file.resolve("deep/a.png"), out -> out.write(1)))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void folderIsAskedForBeforeTheWork() throws IOException {
        Path file = Files.writeString(folder.resolve("mine"), "mine");
        assertThatThrownBy(() ->
                        new PredictionWriter(file.resolve("deep/out"), EnumSet.allOf(Format.class)).requireWritable())
                .isInstanceOf(OutputException.class)
                .hasMessageContainingAll("deep", "mine is a file");
        Path fresh = folder.resolve("fresh/out");
        new PredictionWriter(fresh, EnumSet.allOf(Format.class)).requireWritable();
        assertThat(fresh.getParent()).doesNotExist();
    }
}
