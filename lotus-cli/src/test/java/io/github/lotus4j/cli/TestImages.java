package io.github.lotus4j.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;

/** Files that are images, and some that only look like it. */
final class TestImages {
    private TestImages() {}

    /** One of the tests' resources. */
    static Path named(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(TestImages.class.getResource("/images/" + name))
                .toURI());
    }

    /** Noise, as a PNG; its folder is created. */
    static Path noise(Path file, int width, int height, long seed) throws IOException {
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(seed);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, random.nextInt(1 << 24));
            }
        }
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    /** The {@code number}th of the ways in which an image can be none; its name is none of a good one's. */
    static Path bad(Path folder, int number) throws IOException {
        Path file = folder.resolve("bad-" + number + (number % 3 == 0 ? ".jpg" : ".png"));
        switch (number % 4) {
            case 0 -> Files.writeString(file, "this is no image");
            case 1 -> Files.createFile(file);
            case 2 -> {
                byte[] whole = Files.readAllBytes(noise(file, 40, 30, number));
                Files.write(file, Arrays.copyOf(whole, whole.length / 2));
            }
            default -> {
                byte[] bytes = new byte[1000];
                new Random(number).nextBytes(bytes);
                Files.write(file, bytes);
            }
        }
        return file;
    }
}
