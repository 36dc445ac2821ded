package io.github.lotus4j.cli;

import io.github.lotus4j.output.Npy;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Writes a data set of a benchmark's layout, a file at a time. */
record TinyDataSet(Path folder) {
    /** A value for each pixel. */
    @FunctionalInterface
    interface Pixels {
        double at(int x, int y);
    }

    /** Folders are created. */
    private Path created(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return file;
    }

    void picture(String name, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, 0x102030 * (1 + i % 3));
        }
        String format = name.substring(name.lastIndexOf('.') + 1);
        ImageIO.write(image, format, created(name).toFile());
    }

    /** PNG of 16 bits. */
    void grey16(String name, int width, int height, Pixels samples) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_USHORT_GRAY);
        for (int i = 0; i < width * height; i++) {
            image.getRaster().setSample(i % width, i / width, 0, (int) Math.round(samples.at(i % width, i / width)));
        }
        ImageIO.write(image, "png", created(name).toFile());
    }

    /** PNG of 8 bits a channel, 0xRRGGBB a pixel. */
    void colours(String name, int width, int height, Pixels colours) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, (int) colours.at(i % width, i / width));
        }
        ImageIO.write(image, "png", created(name).toFile());
    }

    /** Single precision without a header. */
    void raw(String name, int width, int height, Pixels values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * width * height).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < width * height; i++) {
            bytes.putFloat((float) values.at(i % width, i / width));
        }
        Files.write(created(name), bytes.array());
    }

    /** NumPy's array of single precision, {@code [height, width]} and dimensions of 1 behind. */
    void npy(String name, int width, int height, Pixels values, int... behind) throws IOException {
        float[] all = new float[width * height];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) values.at(i % width, i / width);
        }
        array(
                name,
                all,
                IntStream.concat(IntStream.of(height, width), IntStream.of(behind))
                        .toArray());
    }

    /** NumPy's array of single precision. */
    void array(String name, float[] values, int... shape) throws IOException {
        try (OutputStream out = Files.newOutputStream(created(name))) {
            Npy.write(out, values, shape);
        }
    }

    Path list(String... lines) throws IOException {
        return Files.write(folder.resolveSibling(folder.getFileName() + "-list.txt"), List.of(lines));
    }

    /** Of all files whose names end so. */
    Path listOf(String end) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return list(files.map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> name.endsWith(end))
                    .sorted()
                    .toArray(String[]::new));
        }
    }

    /** All of it in a tar file, with the names that Marigold's have. */
    Path tar() throws IOException {
        return tar("./");
    }

    /** As {@code tar -cf FOLDER.tar FOLDER} makes it. */
    Path tarOfFolder() throws IOException {
        return tar(folder.getFileName() + "/");
    }

    private Path tar(String above) throws IOException {
        Path tar = folder.resolveSibling(folder.getFileName() + ".tar");
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(Files.newOutputStream(tar));
                Stream<Path> files = Files.walk(folder)) {
            files.filter(Files::isRegularFile).forEach(file -> add(out, above, file));
        }
        return tar;
    }

    private void add(TarArchiveOutputStream out, String above, Path file) {
        try {
            TarArchiveEntry entry = new TarArchiveEntry(
                    above + folder.relativize(file).toString().replace('\\', '/'));
            entry.setSize(Files.size(file));
            out.putArchiveEntry(entry);
            Files.copy(file, out);
            out.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
