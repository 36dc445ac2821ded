package io.github.lotus4j.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The layout that is one file with the UNet, under the same keys as in a folder, perhaps all behind one prefix, or under their {@link
 * LatentDiffusionNames original names}; and beside it, or in it, the VAE.
 */
final class SingleFile {
    private static final String FIRST = "conv_in.weight";

    /** Together with {@link #FIRST} it tells a UNet from a VAE, whose encoder has a conv_in too. */
    private static final String SECOND = "time_embedding.linear_1.weight";

    /** What only a VAE has. */
    private static final String OF_VAE = "decoder.mid_block.resnets.0.conv1.weight";

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
        return only("UNet", holding(SingleFile::unet, safetensors(path)), path);
    }

    /**
     * The VAE's file: the path itself, or, where that is no folder with weights, the only one with a VAE beside the UNet's; if there is
     * none, that one if it holds a VAE as well.
     *
     * @param unet empty in the layout of folders
     */
    static Optional<Path> vaeAt(Path path, Optional<Path> unet) {
        if (isFile(path)) {
            return Optional.of(path);
        }
        if (unet.isEmpty() || (Files.isDirectory(path) && WeightFiles.existIn(path))) {
            return Optional.empty();
        }
        Path file = unet.get();
        Path folder = folderOf(file);
        List<Path> others = safetensors(folder).stream()
                .filter(each -> !each.equals(file.toAbsolutePath().normalize()))
                .toList();
        return only("VAE", holding(SingleFile::vae, others), folder)
                .or(() -> holding(SingleFile::vae, List.of(file)).stream().findFirst());
    }

    static Component unet(Path file, OpenFiles open) {
        List<StoredTensor> stored = open.open(file).stored();
        List<String> names = names(stored);
        if (!unet(names)) {
            throw new CheckpointException(file + " holds no UNet: it has no tensor " + FIRST + " with a " + SECOND
                    + ", nor input_blocks, as the original Stable Diffusion code calls them");
        }
        String prefix = prefix(names).orElse("");
        List<StoredTensor> tensors = stored.stream()
                .map(tensor -> tensor.name().startsWith(prefix)
                        ? tensor.as(tensor.name().substring(prefix.length()), tensor.shape())
                        : tensor)
                .toList();
        return Checkpoint.component(
                "unet", file.resolveSibling("config.json"), file, new WeightFiles(List.of(file), tensors));
    }

    /** @param config of the VAE, which may be absent */
    static Component vae(Path file, Path config, OpenFiles open) {
        List<StoredTensor> stored = open.open(file).stored();
        if (!vae(names(stored))) {
            throw new CheckpointException(
                    file + " holds no VAE: it has no tensor " + OF_VAE + ", nor decoder.mid.block_1.conv1.weight");
        }
        return Checkpoint.component("vae", config, file, new WeightFiles(List.of(file), stored));
    }

    private static Optional<Path> only(String what, List<Path> found, Path folder) {
        if (found.size() > 1) {
            throw new CheckpointException(folder + " holds more than one " + what + ", expected one; "
                    + (what.equals("UNet") ? "name one of " : "keep one of ") + found);
        }
        return found.stream().findFirst();
    }

    private static List<Path> holding(Predicate<Collection<String>> component, List<Path> files) {
        return files.stream()
                .filter(file -> {
                    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                        return component.test(names(opened.stored()));
                    }
                })
                .toList();
    }

    private static boolean unet(Collection<String> names) {
        return prefix(names).isPresent()
                || LatentDiffusionNames.of("unet", names).isPresent();
    }

    private static boolean vae(Collection<String> names) {
        return names.contains(OF_VAE) || LatentDiffusionNames.of("vae", names).isPresent();
    }

    private static List<String> names(List<StoredTensor> tensors) {
        return tensors.stream().map(StoredTensor::name).toList();
    }

    private static Optional<String> prefix(Collection<String> names) {
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
