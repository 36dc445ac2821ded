package io.github.lotus4j.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Expected values from the reference implementation, by name, channels first as the reference keeps them. */
public final class Golden {
    /** A tensor of the file: F32 values, or U8 values as floats from 0 to 255. */
    public record Values(int[] shape, float[] data) {
        /** The same with [N, C, H, W] turned into [N, H, W, C]. */
        public Values channelsLast() {
            int n = shape[0];
            int c = shape[1];
            int h = shape[2];
            int w = shape[3];
            float[] turned = new float[data.length];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < c; j++) {
                    for (int p = 0; p < h * w; p++) {
                        turned[(i * h * w + p) * c + j] = data[(i * c + j) * h * w + p];
                    }
                }
            }
            return new Values(new int[] {n, h, w, c}, turned);
        }
    }

    /** Runs of whole pipelines on miniature synthetic checkpoints. */
    public static final List<String> TINY = List.of(
            "tiny-d-96x128",
            "tiny-d-batch2",
            "tiny-d-bf16-weights",
            "tiny-d-downscale-bicubic",
            "tiny-d-downscale-nearest-unmatched",
            "tiny-d-f16-weights",
            "tiny-d-ladder",
            "tiny-d-latent-sample",
            "tiny-d-odd-75x101",
            "tiny-d-reconstruction-task",
            "tiny-d-upscale-bilinear",
            "tiny-g-4-steps",
            "tiny-g-batch2",
            "tiny-g-odd-seed7",
            "tiny-g-seed42");

    private final Map<String, String> metadata;
    private final Map<String, Values> values = new TreeMap<>();

    private Golden(SafetensorsFile file) {
        metadata = file.metadata();
        for (Parameter each : file.tensors()) {
            values.put(each.name(), new Values(each.shape(), floats(each)));
        }
    }

    private static float[] floats(Parameter parameter) {
        if (parameter.dtype() != DType.U8) {
            return parameter.toFloats();
        }
        float[] floats = new float[(int) parameter.elements()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = parameter.data().get(java.lang.foreign.ValueLayout.JAVA_BYTE, i) & 0xff;
        }
        return floats;
    }

    /** @param name without folder and ending, such as {@code tiny-d-ladder} */
    public static Golden open(String name) throws IOException {
        return openResource("/golden/" + name + ".safetensors");
    }

    /** Copies the file into a folder. */
    public static Path copy(String name, Path folder) throws IOException {
        Path copy = folder.resolve(name + ".safetensors");
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + name + ".safetensors")) {
            if (in == null) {
                throw new IOException("no golden file " + name);
            }
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        return copy;
    }

    /** @param resource of any module on the class path */
    public static Golden openResource(String resource) throws IOException {
        Path copy = Files.createTempFile("golden", ".safetensors");
        try (InputStream in = Golden.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("no golden file " + resource);
            }
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            try (SafetensorsFile file = SafetensorsFile.open(copy)) {
                return new Golden(file);
            }
        } finally {
            Files.delete(copy);
        }
    }

    /** How the run was made: an entry of the file's metadata. */
    public String run(String key) {
        String value = metadata.get(key);
        if (value == null) {
            throw new IllegalArgumentException("no " + key + " among " + metadata);
        }
        return value;
    }

    public Map<String, Values> all() {
        return values;
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public Values get(String name) {
        Values found = values.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no " + name + " among " + values.keySet());
        }
        return found;
    }
}
