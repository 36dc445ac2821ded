package io.github.lotus4j.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.github.lotus4j.DepthKind;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.faults.Fault;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    @Fault(
            value = "the disk is full while a result is written",
            by = "a file system of 300 KB in memory, for an image whose maps take 0.8 MB",
            then = "an OutputException that names the file; nothing half-written, the older results as they were")
    void fullDiskLeavesWhatWasThere() throws IOException {
        Configuration small =
                Configuration.unix().toBuilder().setMaxSize(300_000).build();
        float[] values = new float[400 * 500];
        DepthMap large = DepthMap.of(400, 500, values, DepthKind.AFFINE_DEPTH);
        DepthMap fits = DepthMap.of(40, 50, Arrays.copyOf(values, 40 * 50), DepthKind.AFFINE_DEPTH);
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path place = disk.getPath("/results");
            PredictionWriter writer = new PredictionWriter(place, EnumSet.of(Format.NPY));
            Path written = writer.write("photo", fits).getFirst();
            byte[] before = Files.readAllBytes(written);
            assertThatThrownBy(() -> writer.write("photo", large))
                    .isInstanceOf(OutputException.class)
                    .hasMessageContaining("/results/photo_depth.npy cannot be written");
            assertThat(written).hasBinaryContent(before);
            try (Stream<Path> files = Files.list(place)) {
                assertThat(files).containsExactly(written);
            }
            assertThat(writer.write("another", fits)).hasSize(1);
        }
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

    /** As a service may pass it on from its caller. */
    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "/x"})
    void aNameThatLeadsOutOfTheFolderIsRefused(String name) throws IOException {
        Path out = Files.createDirectory(folder.resolve("out"));
        PredictionWriter writer = new PredictionWriter(out, EnumSet.of(Format.NPY));
        DepthMap depth = DepthMap.of(1, 1, new float[] {0.5f}, DepthKind.AFFINE_DEPTH);
        assertThatThrownBy(() -> writer.write(name, depth))
                .isInstanceOf(LotusException.class)
                .hasMessageStartingWith(name)
                .hasMessageContaining("does not lie in the folder of results");
        assertThatThrownBy(() -> writer.write("\0", depth))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("cannot be a file's name");
        assertThat(folder).isDirectoryNotContaining("glob:**x*");
        assertThat(writer.write("a/x", depth)).containsExactly(out.resolve("a/x_depth.npy"));
    }
}
