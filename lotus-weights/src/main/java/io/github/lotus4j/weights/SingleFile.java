package io.github.lotus4j.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The layout that is one file with the UNet, under the same keys as in a folder, perhaps all behind one prefix. */
final class SingleFile {
    private static final String FIRST = "conv_in.weight";

    /** Together with {@link #FIRST} it tells a UNet from a VAE, whose encoder has a conv_in too. */
    private static final String SECOND = "time_embedding.linear_1.weight";

    /** Where the original Stable Diffusion code keeps the UNet, under other keys. */
    private static final String ORIGINAL = "model.diffusion_model.input_blocks.";

    private SingleFile() {}

    static boolean isFile(Path path) {
        return Files.isRegularFile(path);
    }

    static Path folderOf(Path path) {
        Path parent = path.toAbsolutePath().normalize().getParent();
        return parent == null ? path : parent;
    }

    /** The UNet's file: the path itself, or the only one with a UNet in a folder that has no {@code unet/}. */
    static Optional<Path> at(Path path) {
        if (isFile(path)) {
            return Optional.of(path);
        }
        if (Files.isDirectory(path.resolve("unet"))) {
            return Optional.empty();
        }
        List<Path> unets =
                safetensors(path).stream().filter(SingleFile::holdsUnet).toList();
        if (unets.size() > 1) {
            throw new CheckpointException(path + " holds more than one UNet, expected one; name one of " + unets);
        }
        return unets.stream().findFirst();
    }

    static Component unet(Path file, OpenFiles open) {
        List<StoredTensor> stored = open.open(file).stored();
        String prefix = prefix(stored)
                .orElseThrow(() -> new CheckpointException(file + " holds no UNet: "
                        + (stored.stream().anyMatch(t -> t.name().startsWith(ORIGINAL))
                                ? "its tensors are named as in the original Stable Diffusion code (" + ORIGINAL
                                        + "…), expected diffusers' names"
                                : "it has no tensor " + FIRST + " with a " + SECOND)));
        List<StoredTensor> tensors = stored.stream()
                .map(tensor -> tensor.name().startsWith(prefix)
                        ? tensor.as(tensor.name().substring(prefix.length()), tensor.shape())
                        : tensor)
                .toList();
        return Checkpoint.component(
                "unet", file.resolveSibling("config.json"), file, new WeightFiles(List.of(file), tensors));
    }

    private static boolean holdsUnet(Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return prefix(opened.stored()).isPresent();
        }
    }

    private static Optional<String> prefix(List<StoredTensor> tensors) {
        List<String> names = tensors.stream().map(StoredTensor::name).toList();
        return names.stream()
                .filter(name -> name.equals(FIRST) || name.endsWith("." + FIRST) || name.endsWith("/" + FIRST))
                .map(name -> name.substring(0, name.length() - FIRST.length()))
                .filter(prefix -> names.contains(prefix + SECOND))
                .findFirst();
    }

    private static List<Path> safetensors(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(path -> path.toString().endsWith(".safetensors"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw CheckpointException.unreadable(folder, e);
        }
    }
}
