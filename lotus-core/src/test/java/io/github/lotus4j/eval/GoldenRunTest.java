package io.github.lotus4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.cpu.CpuBackend;
import io.github.lotus4j.cpu.CpuBackends;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Backend;
import io.github.lotus4j.ops.BackendSettings;
import io.github.lotus4j.ops.PreparedWeights;
import io.github.lotus4j.ops.Window;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.Golden;
import io.github.lotus4j.weights.Parameter;
import io.github.lotus4j.weights.SafetensorsFile;
import io.github.lotus4j.weights.SafetensorsWriter;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs on synthetic checkpoints against the reference's values, stage by stage. */
class GoldenRunTest {
    @TempDir
    private Path folder;

    static Stream<String> tinyCases() {
        return Golden.TINY.stream();
    }

    /** Every way in which the backend can compute: kernels for each width of vectors and without, exact and fast. */
    @ParameterizedTest
    @MethodSource("tinyCases")
    void tiny(String name) throws Exception {
        Path checkpoint = checkpoint(name, Architecture.TINY);
        for (Map.Entry<String, Backend> way : CpuBackends.all(2).entrySet()) {
            try (Backend backend = way.getValue()) {
                assertPasses(name + ", " + way.getKey(), GoldenRun.compare(golden(name), checkpoint, backend));
            }
        }
    }

    @Tag("full")
    @ParameterizedTest
    @ValueSource(
            strings = {"full-d-f16-96x128", "full-d-f16-odd-71x90", "full-g-f16-64x64-seed42", "full-d-f16-512x512"})
    void full(String name) throws Exception {
        Path checkpoint = checkpoint(name, Architecture.FULL);
        for (boolean exact : new boolean[] {true, false}) {
            try (Backend backend = new CpuBackend(new BackendSettings(2, exact))) {
                String title = name + (exact ? ", exact" : "");
                assertPasses(title, GoldenRun.compare(golden(name), checkpoint, backend));
            }
        }
    }

    private static void assertPasses(String title, List<GoldenRun.Stage> stages) {
        StringBuilder table = new StringBuilder("%n%-70s %12s %12s%n".formatted(title, "max-abs", "relative L2"));
        stages.forEach(each -> table.append("%-70s %12.2e %12.2e%n"
                .formatted(each.name(), each.found().maxAbs(), each.found().relative())));
        System.out.print(table);
        assertThat(stages).as(title).hasSizeGreaterThanOrEqualTo(4).allMatch(GoldenRun.Stage::passes);
    }

    private Path golden(String name) throws IOException {
        return Golden.copy(name, folder);
    }

    private Path checkpoint(String name, Architecture architecture) throws IOException {
        Golden run = Golden.open(name);
        return SyntheticCheckpoint.write(
                folder,
                architecture,
                Mode.valueOf(run.run("mode")),
                Long.parseLong(run.run("weights_seed")),
                DType.valueOf(run.run("weights_dtype")));
    }

    @Test
    void oneChangedWeightIsSeenFromItsBlockOn() throws Exception {
        Path checkpoint = checkpoint("tiny-d-ladder", Architecture.TINY);
        Path weights = checkpoint.resolve("unet/diffusion_pytorch_model.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            long at = Files.size(weights)
                    - file.tensors().stream()
                            .mapToLong(each -> each.data().byteSize())
                            .sum();
            for (var tensor : file.tensors()) {
                if (tensor.name().equals("mid_block.resnets.0.conv2.weight")) {
                    break;
                }
                at += tensor.data().byteSize();
            }
            byte[] bytes = Files.readAllBytes(weights);
            bytes[(int) at + 4 * Float.BYTES + 3] ^= (byte) 0x80; // the sign of the first channel's middle tap
            Files.write(folder.resolve("changed"), bytes);
        }
        Files.move(folder.resolve("changed"), weights, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertFirstBreak("unet.mid_block", checkpoint);
    }

    @Test
    void changedEpsilonIsSeenFromTheFirstNormOn() throws Exception {
        Path checkpoint = checkpoint("tiny-d-ladder", Architecture.TINY);
        replace(checkpoint.resolve("unet/config.json"), "1e-05", "1e-04");
        assertFirstBreak("unet.down_blocks.0.resnets.0", checkpoint);
    }

    @Test
    void changedPaddingIsSeenAtItsConvolution() throws Exception {
        Path checkpoint = checkpoint("tiny-d-ladder", Architecture.TINY);
        try (Backend backend = CpuBackends.best()) {
            assertFirstBreak(
                    "unet.up_blocks.1",
                    GoldenRun.compare(
                            golden("tiny-d-ladder"),
                            checkpoint,
                            shifted(backend, "unet/up_blocks.1.resnets.1.conv2.weight")));
        }
    }

    /** A backend that puts one convolution's padding to the left and to the top only. */
    private static Backend shifted(Backend backend, String weight) {
        return proxy(Backend.class, backend, (method, arguments) -> {
            Object result = method.invoke(backend, arguments);
            if (!(result instanceof PreparedWeights weights)) {
                return result;
            }
            return proxy(PreparedWeights.class, weights, (declare, parts) -> {
                if (declare.getName().equals("conv2d")
                        && ((Parameter) parts[0]).name().equals(weight)) {
                    parts[2] = new Window(3, 1, 2, 2, 0, 0);
                }
                return declare.invoke(weights, parts);
            });
        });
    }

    private interface Call {
        Object invoke(Method method, Object[] arguments) throws ReflectiveOperationException;
    }

    private static <T> T proxy(Class<T> type, T target, Call call) {
        return type.cast(Proxy.newProxyInstance(
                target.getClass().getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> call.invoke(method, arguments)));
    }

    private static void replace(Path file, String what, String by) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(what);
        Files.writeString(file, text.replace(what, by));
    }

    private void assertFirstBreak(String prefix, Path checkpoint) throws IOException {
        try (Backend backend = CpuBackends.best()) {
            assertFirstBreak(prefix, GoldenRun.compare(golden("tiny-d-ladder"), checkpoint, backend));
        }
    }

    private static void assertFirstBreak(String prefix, List<GoldenRun.Stage> stages) {
        GoldenRun.Stage broken =
                stages.stream().filter(stage -> !stage.passes()).findFirst().orElseThrow();
        assertThat(broken.name()).startsWith(prefix);
        assertThat(stages.getLast().passes()).isFalse();
    }

    @Test
    void fileThatIsNoRecordIsNamed() throws Exception {
        Path checkpoint = checkpoint("tiny-d-96x128", Architecture.TINY);
        Path other = golden("torch-randn");
        try (Backend backend = CpuBackends.best()) {
            assertThatThrownBy(() -> GoldenRun.compare(other, checkpoint, backend))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContainingAll(other.toString(), "image");
        }
    }

    /** A recorded run with one stage put in the place of its own, or added. */
    private Path recordedWith(String stage, float... values) throws IOException {
        Path changed = folder.resolve("changed.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(golden("tiny-d-96x128"))) {
            SafetensorsWriter writer = new SafetensorsWriter();
            new HashMap<>(file.metadata()).forEach(writer::metadata);
            file.tensors().stream()
                    .filter(each -> !each.name().equals(stage))
                    .forEach(each -> writer.tensor(each.name(), each));
            writer.tensor(stage, DType.F32, new int[] {values.length}, values);
            writer.write(changed);
        }
        return changed;
    }

    @Test
    void recordingOfAnotherModelIsAnError() throws Exception {
        Path checkpoint = checkpoint("tiny-d-96x128", Architecture.TINY);
        Path other = recordedWith("unet_out", 1, 2);
        try (Backend backend = CpuBackends.best()) {
            assertThatThrownBy(() -> GoldenRun.compare(other, checkpoint, backend))
                    .isInstanceOf(LotusException.class)
                    .hasMessageContainingAll(other.toString(), "unet_out has 2 values");
        }
    }

    @Test
    void stageThatIsNotComputedIsAnError() throws Exception {
        Path checkpoint = checkpoint("tiny-d-96x128", Architecture.TINY);
        Path more = recordedWith("unet.attic", 1);
        try (Backend backend = CpuBackends.best()) {
            assertThatThrownBy(() -> GoldenRun.compare(more, checkpoint, backend))
                    .hasMessageContaining("unet.attic");
        }
    }
}
