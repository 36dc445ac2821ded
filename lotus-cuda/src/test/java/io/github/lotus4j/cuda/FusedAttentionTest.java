package io.github.lotus4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.ops.BackendSettings;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** cuDNN's plans are taken in predictions where they were asked for, can be made, and are right. */
class FusedAttentionTest extends SimulatedPredictions {
    private static float[] predict(Lotus lotus, int width, int height) {
        return values(lotus.predictDepth(image(width, height), NATIVE));
    }

    private static float[] plain() {
        try (Lotus lotus = open("cuda")) {
            return predict(lotus, 24, 16);
        }
    }

    @Test
    void recordedFusedPredictionsAreTheSame() {
        float[] plain = plain();
        long before = SimulatedDevice.graphRuns();
        try (Lotus lotus = open("cuda:0,fused")) {
            float[] first = predict(lotus, 24, 16);
            long each = SimulatedDevice.graphRuns() - before;
            assertThat(each).isPositive();
            assertThat(first).containsExactly(plain, within(0.02f));
            for (int i = 2; i < 5; i++) {
                assertThat(predict(lotus, 24, 16)).isEqualTo(first);
                assertThat(SimulatedDevice.graphRuns() - before).isEqualTo(i * each);
            }
            predict(lotus, 40, 32); // has problems of its own
            assertThat(predict(lotus, 24, 16)).isEqualTo(first);
        }
    }

    @Test
    void threadsShareWhatIsPlanned() throws Exception {
        try (Lotus lotus = open("cuda:fused");
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            Callable<float[]> predict = () -> predict(lotus, 24, 16);
            List<Future<float[]>> all = threads.invokeAll(Collections.nCopies(6, predict));
            for (Future<float[]> each : all) {
                assertThat(each.get()).isEqualTo(predict(lotus, 24, 16));
            }
        }
    }

    @Test
    void withoutAPlanThePlainKernelIsTaken() {
        float[] plain = plain();
        SimulatedDevice.graphs(SimulatedDevice.Graphs.REFUSED);
        long before = SimulatedDevice.graphRuns();
        try (Lotus lotus = open("cuda:fused")) {
            for (int i = 0; i < 3; i++) {
                assertThat(predict(lotus, 24, 16)).isEqualTo(plain);
            }
        }
        assertThat(SimulatedDevice.graphRuns()).isEqualTo(before);
    }

    @Test
    void wrongPlansAreFoundOut() {
        float[] plain = plain();
        SimulatedDevice.graphs(SimulatedDevice.Graphs.WRONG);
        try (Lotus lotus = open("cuda:fused")) {
            long before = SimulatedDevice.graphRuns();
            assertThat(predict(lotus, 24, 16)).isEqualTo(plain);
            long tried = SimulatedDevice.graphRuns();
            assertThat(tried).isGreaterThan(before);
            for (int i = 0; i < 3; i++) {
                assertThat(predict(lotus, 24, 16)).isEqualTo(plain);
            }
            assertThat(SimulatedDevice.graphRuns()).isEqualTo(tried);
        }
    }

    @Test
    void whatCannotBeFusedIsSaid() {
        assertThat(FusedAttention.unavailable(80, Precision.F16)).isEmpty();
        assertThat(FusedAttention.unavailable(75, Precision.F16).orElse("")).contains("7.5", "8.0");
        assertThat(FusedAttention.unavailable(90, Precision.F32).orElse("")).contains("f32");
        try (Lotus lotus = open("cuda:f32,fused")) {
            long before = SimulatedDevice.graphRuns();
            predict(lotus, 16, 16);
            assertThat(SimulatedDevice.graphRuns()).isEqualTo(before);
        }
    }

    @Test
    void refusalsHaveReasons() {
        try (Descriptor tensor = new Descriptor(GraphApi.CUDNN_BACKEND_TENSOR_DESCRIPTOR, "a tensor")) {
            assertThatThrownBy(tensor::complete)
                    .isInstanceOf(CudaException.class)
                    .hasMessageContainingAll("finalizing a tensor", "CUDNN_STATUS_BAD_PARAM", "lacks attributes");
        }
        assertThatThrownBy(() -> new Descriptor(99, "nothing"))
                .isInstanceOf(CudaException.class)
                .hasMessageContainingAll("creating nothing", "CUDNN_STATUS_NOT_SUPPORTED", "not simulated");
    }

    @Test
    void optionsAreCombined() {
        assertThat(options("0", "f16", "fused")).isEqualTo(new CudaOptions(0, Precision.F16, true));
        assertThat(options("fused", "bf16")).isEqualTo(new CudaOptions(0, Precision.BF16, true));
        assertThat(options("1")).isEqualTo(new CudaOptions(1, Precision.F16, false));
        assertThatThrownBy(() -> options("f16", "f32")).hasMessageContaining("found f16 and f32");
        assertThatThrownBy(() -> options("0", "1")).hasMessageContaining("found 0 and 1");
        assertThatThrownBy(() -> options("fuse")).hasMessageContainingAll("fuse", "f16, bf16 or f32", "fused");
    }

    private static CudaOptions options(String... options) {
        return CudaOptions.of(new BackendSettings(1, false, List.of(options)));
    }
}
