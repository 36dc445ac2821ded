package io.github.lotus4j.weights;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Writes checkpoints whose weights are a pure function of their names, so that the reference's answers for them hold
 * anywhere. SplitMix64 over FNV-1a of the key; the formula stands at {@link #value}.
 */
public final class SyntheticCheckpoint {
    /** TINY: 32 to 96 channels. FULL: Stable Diffusion 2's size, 1.29 G elements. */
    public enum Architecture {
        TINY(512, 513),
        FULL(49406, 49407);

        private final int start;
        private final int end;

        Architecture(int start, int end) {
            this.start = start;
            this.end = end;
        }

        private String resource(String name) {
            return "/synthetic/" + name().toLowerCase(Locale.ROOT) + "/" + name;
        }
    }

    /** D: the UNet reads the image's latent, 4 channels. G: and noise, 8. */
    public enum Mode {
        D,
        G
    }

    private static final int SLICE = 1 << 14;
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private SyntheticCheckpoint() {}

    /** Writes the whole folder, in the hub's layout, with {@code dtype} F32, F16 or BF16 for every tensor. */
    public static Path write(Path folder, Architecture architecture, Mode mode, long seed, DType dtype)
            throws IOException {
        for (String component : new String[] {"unet", "vae", "text_encoder"}) {
            Path place = Files.createDirectories(folder.resolve(component));
            String config = text(architecture.resource(component + ".config.json"));
            if (component.equals("unet") && mode == Mode.G) {
                config = config.replace("\"in_channels\": 4", "\"in_channels\": 8");
            }
            Files.writeString(place.resolve("config.json"), config);
            String file = component.equals("text_encoder") ? "model" : "diffusion_pytorch_model";
            SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
            tensors(architecture, component, mode)
                    .forEach((key, shape) ->
                            writer.tensor(key, dtype, shape, source(component + "/" + key, shape, seed, dtype)));
            writer.write(place.resolve(file + ".safetensors"));
        }
        Files.createDirectories(folder.resolve("tokenizer"));
        Files.writeString(
                folder.resolve("tokenizer/vocab.json"),
                "{\"<|startoftext|>\": " + architecture.start + ", \"<|endoftext|>\": " + architecture.end + "}");
        Files.createDirectories(folder.resolve("scheduler"));
        Files.writeString(
                folder.resolve("scheduler/scheduler_config.json"), text(architecture.resource("scheduler.json")));
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\": \"LotusPipeline\"}");
        return folder;
    }

    /** Every tensor's key within the component, and its shape. */
    public static Map<String, int[]> tensors(Architecture architecture, String component, Mode mode) {
        Map<String, int[]> tensors = new LinkedHashMap<>();
        text(architecture.resource(component + ".tensors.txt")).lines().forEach(line -> {
            String[] parts = line.split(" ", -1);
            int[] shape = Arrays.stream(parts[1].split("x", -1))
                    .mapToInt(Integer::parseInt)
                    .toArray();
            if (mode == Mode.G && component.equals("unet") && parts[0].equals("conv_in.weight")) {
                shape[1] = 8;
            }
            tensors.put(parts[0], shape);
        });
        return tensors;
    }

    /** Elements {@code from} to {@code from + values.length} of a tensor; {@code key} starts with the component. */
    static void fill(String key, int[] shape, long seed, long from, float[] values, int at, int count) {
        long state = fnv1a(key) ^ seed;
        Scaling scaling = Scaling.of(key, shape);
        long half = key.startsWith("vae/quant_conv.") ? Shapes.elements(shape) / 2 : Long.MAX_VALUE;
        boolean weight = key.endsWith(".weight");
        for (int i = 0; i < count; i++) {
            long index = from + i;
            float value = value(state, index, scaling);
            if (index >= half) {
                value = weight ? value * 0.01f : value - 6f;
            }
            values[at + i] = value;
        }
    }

    private static float value(long state, long index, Scaling scaling) {
        long z = state + (index + 1) * GOLDEN_GAMMA;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        float v = (float) (z >>> 40) * 0x1p-23f - 1;
        return v * scaling.scale + scaling.offset;
    }

    private record Scaling(float scale, float offset) {
        static Scaling of(String key, int[] shape) {
            if (key.contains("embedding.weight")) {
                return new Scaling(0.5f, 0);
            }
            if (shape.length >= 2) {
                return new Scaling((float) Math.sqrt(3.0 * shape[0] / Shapes.elements(shape)), 0);
            }
            return key.endsWith(".weight") ? new Scaling(0.1f, 1) : new Scaling(0.05f, 0);
        }
    }

    private static SafetensorsWriter.Source source(String key, int[] shape, long seed, DType dtype) {
        int size = dtype.bits() / Byte.SIZE;
        return (offset, piece) -> {
            long first = offset / size;
            int count = (int) (piece.byteSize() / size);
            IntStream.range(0, Math.ceilDiv(count, SLICE)).parallel().forEach(slice -> {
                int begin = slice * SLICE;
                float[] values = new float[Math.min(SLICE, count - begin)];
                fill(key, shape, seed, first + begin, values, 0, values.length);
                MemorySegment to = piece.asSlice((long) begin * size, (long) values.length * size);
                FloatConversion.write(dtype, values, 0, values.length, to);
            });
        };
    }

    private static long fnv1a(String text) {
        long hash = 0xCBF29CE484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001B3L;
        }
        return hash;
    }

    private static String text(String resource) {
        try (InputStream in = SyntheticCheckpoint.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
