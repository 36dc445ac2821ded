package io.github.lotus4j.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The empty prompt's last hidden state, computed in advance and lying beside the weights: a safetensors file with one
 * tensor [1, 2, D] or [2, D], or the bare elements, F16 or F32 as the file's size tells.
 */
final class PromptEmbedding {
    private static final int TOKENS = 2;

    /** Larger files are not looked into; an embedding of D = 1024 takes 8 KiB at most, and a header. */
    private static final long LARGEST = 1 << 20;

    private PromptEmbedding() {}

    /**
     * @param width the D that the UNet expects
     * @throws CheckpointException if there is more than one
     */
    static Optional<Parameter> beside(Path folder, int width, OpenFiles open) {
        List<Path> paths = new ArrayList<>();
        List<Parameter> found = new ArrayList<>();
        for (Path path : candidates(folder)) {
            read(path, width, open).ifPresent(embedding -> {
                paths.add(path);
                found.add(embedding);
            });
        }
        if (found.size() > 1) {
            throw new CheckpointException(folder + " holds more than one prompt embedding, expected one: " + paths);
        }
        return found.stream().findFirst();
    }

    private static List<Path> candidates(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> candidates = new ArrayList<>();
            for (Path path : entries.sorted().toList()) {
                if (Files.isRegularFile(path) && Files.size(path) <= LARGEST && named(path)) {
                    candidates.add(path);
                }
            }
            return candidates;
        } catch (IOException e) {
            throw CheckpointException.unreadable(folder, e);
        }
    }

    private static boolean named(Path path) {
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".safetensors") || name.contains("embed") || name.contains("prompt");
    }

    private static Optional<Parameter> read(Path path, int width, OpenFiles open) {
        byte[] bytes = bytes(path);
        if (isSafetensors(bytes)) {
            List<StoredTensor> tensors = open.open(path).stored();
            return tensors.size() == 1 ? shaped(tensors.getFirst(), width) : Optional.empty();
        }
        long elements = (long) TOKENS * width;
        for (DType dtype : List.of(DType.F16, DType.F32)) {
            if (bytes.length == elements * dtype.bits() / Byte.SIZE) {
                int[] shape = {1, TOKENS, width};
                return Optional.of(new StoredTensor(path, "prompt", dtype, shape, MemorySegment.ofArray(bytes)));
            }
        }
        return Optional.empty();
    }

    /** Told by the content, not the name: a length that fits, then a brace. */
    private static boolean isSafetensors(byte[] bytes) {
        if (bytes.length <= SafetensorsHeader.LENGTH_BYTES || bytes[SafetensorsHeader.LENGTH_BYTES] != '{') {
            return false;
        }
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return header > 0 && header <= bytes.length - SafetensorsHeader.LENGTH_BYTES;
    }

    private static Optional<Parameter> shaped(StoredTensor tensor, int width) {
        int[] shape = tensor.shape();
        boolean fits = tensor.elements() == (long) TOKENS * width
                && shape.length >= 2
                && shape[shape.length - 1] == width
                && tensor.dtype().convertible();
        return fits ? Optional.of(tensor.as("prompt", new int[] {1, TOKENS, width})) : Optional.empty();
    }

    private static byte[] bytes(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw CheckpointException.unreadable(path, e);
        }
    }
}
