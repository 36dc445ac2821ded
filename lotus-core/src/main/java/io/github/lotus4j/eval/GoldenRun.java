package io.github.lotus4j.eval;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.Filter;
import io.github.lotus4j.model.Task;
import io.github.lotus4j.ops.Accuracy;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Input;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.RunListener;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import io.github.lotus4j.pipeline.LoadedCheckpoint;
import io.github.lotus4j.pipeline.Settings;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Parameter;
import io.github.lotus4j.weights.SafetensorsFile;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One run of the whole pipeline by the reference implementation, recorded in a safetensors file: how it was made in the
 * metadata, the image, and the output of every stage, [N, C, H, W]. Running a checkpoint the same way shows the first stage at
 * which the two part.
 */
public final class GoldenRun {
    /** The recorded name of what the models tell under another. */
    private static final Map<String, String> NAMES = Map.of("vae/post_quant_conv", "decoder_in");

    private GoldenRun() {}

    /**
     * The difference of one stage's output.
     *
     * @param name as recorded
     * @param found how large it is
     * @param allowed how large the backend's arithmetic can make it
     */
    public record Stage(String name, Difference found, Difference allowed) {
        /** Whether rounding explains the difference. */
        public boolean passes() {
            return found.maxAbs <= allowed.maxAbs
                    && found.meanAbs <= allowed.meanAbs
                    && found.relative <= allowed.relative;
        }
    }

    /**
     * How far two tensors are apart.
     *
     * @param maxAbs the largest absolute difference
     * @param meanAbs the mean absolute difference
     * @param relative the L2 norm of the difference over that of the recorded values
     */
    public record Difference(double maxAbs, double meanAbs, double relative) {
        static Difference of(float[] expected, float[] actual) {
            double worst = 0;
            double sum = 0;
            double squares = 0;
            double norm = 0;
            for (int i = 0; i < expected.length; i++) {
                double difference = Math.abs((double) actual[i] - expected[i]);
                worst = difference <= worst ? worst : difference; // NaN is larger than everything
                sum += difference;
                squares += difference * difference;
                norm += (double) expected[i] * expected[i];
            }
            return new Difference(worst, sum / expected.length, Math.sqrt(squares / Math.max(norm, Double.MIN_NORMAL)));
        }

        /** What each way to compute may lead to. */
        static Difference allowed(String stage, Accuracy accuracy) {
            return switch (accuracy) {
                case EXACT, FAST -> single(stage, accuracy == Accuracy.EXACT);
                case HALF -> half(stage, 1);
                // eight times as coarse; and a quarter more, since on one checkpoint PyTorch's own bfloat16 takes 92 %
                // of eight times
                // (mean 0.0148 of 0.016), which leaves no room to round in another order
                case BFLOAT -> half(stage, 10);
            };
        }

        private static Difference single(String stage, boolean exact) {
            double largest = switch (stage) {
                case "rgb_resized" -> 1e-5; // the reference finds its sampling positions in single precision
                case "latent_moments", "unet_in", "unet_out" -> exact ? 5e-5 : 2e-4;
                case "prediction", "depth" -> exact ? 3e-5 : 1e-4;
                case "decoder_in", "decoder_out" -> exact ? 1e-4 : 5e-4;
                // hidden states, of magnitude 20; the relative difference is the sharper one
                default -> exact ? 2e-4 : 8e-4;
            };
            double relative = exact ? 1e-5 : stage.startsWith("decoder") ? 5e-5 : 3e-5;
            return new Difference(largest, Double.POSITIVE_INFINITY, relative);
        }

        private static Difference half(String stage, double coarser) {
            boolean result = stage.equals("prediction") || stage.equals("depth");
            return result
                    ? new Difference(2e-2 * coarser, 2e-3 * coarser, Double.POSITIVE_INFINITY)
                    : new Difference(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 2e-2 * coarser);
        }
    }

    /**
     * Runs a checkpoint as the file says.
     *
     * @return the stages in the order in which they were computed
     * @throws LotusException if the file is no golden file, is of another architecture, or a recorded stage was not computed
     */
    public static List<Stage> compare(Path golden, Path checkpoint, Backend backend) {
        try (SafetensorsFile file = SafetensorsFile.open(golden)) {
            return compare(file, checkpoint, backend);
        }
    }

    private static List<Stage> compare(SafetensorsFile golden, Path checkpoint, Backend backend) {
        Recorder recorder = new Recorder(golden);
        try (LoadedCheckpoint loaded = LoadedCheckpoint.load(checkpoint, backend, recorder)) {
            Parameter image = golden.tensor("image");
            int[] s = image.shape();
            if (s.length != 4 || s[3] != 3) {
                throw new LotusException(
                        golden.path() + ": image is " + Arrays.toString(s) + ", expected [N, H, W, 3]");
            }
            Shape shape = new Shape(s[0], s[1], s[2], s[3]);
            Settings settings = settings(golden.path(), golden.metadata());
            try (Ops ops = backend.open(recorder)) {
                float[] prediction = loaded.pipeline().predict(samples(golden.path(), image), shape, settings, ops);
                recorder.outputs.put("prediction", prediction);
                recorder.outputs.put("depth", Ops.means(prediction, 3));
            }
            return compare(golden, recorder.outputs, backend.accuracy());
        }
    }

    private static Settings settings(Path file, Map<String, String> metadata) {
        try {
            String noiseSeed = entry(metadata, "noise_seed");
            String latentSeed = entry(metadata, "latent_sample_seed");
            return new Settings(
                    Integer.parseInt(entry(metadata, "processing_res")),
                    Filter.valueOf(entry(metadata, "resample").toUpperCase(Locale.ROOT)),
                    Boolean.parseBoolean(entry(metadata, "match_input_res")),
                    noiseSeed.equals("None") ? 0 : Long.parseLong(noiseSeed),
                    entry(metadata, "timesteps").split(",", -1).length,
                    1,
                    entry(metadata, "task").equals("1.0,0.0") ? Task.PREDICTION : Task.RECONSTRUCTION,
                    latentSeed.equals("None") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(latentSeed)),
                    OptionalInt.empty());
        } catch (IllegalArgumentException e) {
            throw new LotusException(file + " is no golden file: in its metadata, " + e.getMessage(), e);
        }
    }

    private static String entry(Map<String, String> metadata, String key) {
        String value = metadata.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return value;
    }

    private static List<Stage> compare(SafetensorsFile golden, Map<String, float[]> outputs, Accuracy accuracy) {
        List<Stage> stages = new ArrayList<>();
        Set<String> left = new HashSet<>();
        golden.tensors().forEach(each -> left.add(each.name()));
        left.remove("image");
        outputs.forEach((name, output) -> {
            if (left.remove(name)) {
                float[] expected = expected(golden.tensor(name));
                if (output.length != expected.length) {
                    throw new LotusException(
                            "%s: recorded %s has %,d values, this checkpoint's has %,d; it was recorded from another model"
                                    .formatted(golden.path(), name, expected.length, output.length));
                }
                stages.add(new Stage(name, Difference.of(expected, output), Difference.allowed(name, accuracy)));
            }
        });
        if (!left.isEmpty()) {
            throw new LotusException(golden.path() + " holds stages that this model does not have: " + left);
        }
        return stages;
    }

    /** Recorded values, channels last. */
    private static float[] expected(Parameter recorded) {
        float[] values = recorded.toFloats();
        int[] s = recorded.shape();
        if (s.length != 4 || recorded.name().equals("prediction")) {
            return values;
        }
        float[] turned = new float[values.length];
        int pixels = s[2] * s[3];
        for (int i = 0; i < values.length; i++) {
            int plane = i / pixels;
            turned[(plane / s[1] * pixels + i % pixels) * s[1] + plane % s[1]] = values[i];
        }
        return turned;
    }

    private static byte[] samples(Path file, Parameter image) {
        if (image.dtype() != DType.U8) {
            throw new LotusException(file + ": image holds " + image.dtype() + ", expected " + DType.U8);
        }
        return image.data().toArray(ValueLayout.JAVA_BYTE);
    }

    /** Keeps a copy of every stage's output that a golden file holds. */
    private static final class Recorder implements RunListener {
        private static final String RESIDUAL_STREAM = ".transformer_blocks.";

        private final SafetensorsFile golden;
        private final boolean residuals;
        private final Map<String, float[]> outputs = new LinkedHashMap<>();
        private float[] stream = {};

        Recorder(SafetensorsFile golden) {
            this.golden = golden;
            residuals = golden.tensors().stream().anyMatch(each -> each.name().contains(RESIDUAL_STREAM));
        }

        @Override
        public boolean observes() {
            return true;
        }

        @Override
        public void computed(String path, Input view, Ops ops) {
            String name = NAMES.getOrDefault(path, path.replace('/', '.'));
            boolean residual = residuals && path.contains(RESIDUAL_STREAM);
            if (!residual && golden.find(name).isEmpty()) {
                return;
            }
            try (Frame frame = ops.frame()) {
                Tensor copy = frame.tensor(view.shape());
                ops.copy(copy, view);
                float[] output = ops.download(copy);
                if (residual) { // told as the residual stream; recorded is what was added to it
                    float[] before = stream;
                    stream = output.clone();
                    for (int i = 0; i < output.length && !path.endsWith(".input"); i++) {
                        output[i] -= before[i];
                    }
                }
                outputs.put(name, output);
            }
        }
    }
}
