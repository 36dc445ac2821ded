package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lotus4j.error.LotusException;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
    @ParameterizedTest
    @CsvSource({
        "local, -1, 1",
        "local[3], -1, 3",
        "'local[3,2]', 5, 3", // with retries; there are no executors of their own
        "local[*], -1, 16",
        "'local-cluster[2,3,1024]', -1, 3",
        "'local-cluster[2,3,1024]', 1, 1",
        "spark://host:7077, -1, 16",
        "spark://host:7077, 4, 4",
        "yarn, -1, 1",
        "yarn, 4, 4",
        "k8s://https://host, -1, 1"
    })
    void coresAreThoseOfTheExecutor(String master, int configured, int expected) {
        OptionalInt cores = configured < 0 ? OptionalInt.empty() : OptionalInt.of(configured);
        assertThat(Placement.cores(master, cores, 16)).isEqualTo(expected);
    }

    /** Callers and shared threads are as many as the cores of all tasks. */
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "8, 1, 1", "8, 8, 8", "8, 4, 7", "8, 2, 5", "8, 3, 5", "2, 4, 4", "100000, 100000, 512"})
    void threadsAndTasksTogetherTakeTheCores(int cores, int coresOfTask, int expected) {
        assertThat(Placement.threads(cores, coresOfTask)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "auto, 3, cuda:3",
        "cuda, 0, cuda:0",
        "cuda:bf16, 2, 'cuda:2,bf16'",
        "'cuda:f16,fused', 2, 'cuda:2,f16,fused'",
        "cuda:1, 2, cuda:1",
        "'cuda:1,f32', 2, 'cuda:1,f32'",
        "cpu, 2, cpu"
    })
    void theDeviceIsTheOneThatSparkGave(String asked, String address, String expected) {
        assertThat(Placement.backend(asked, List.of(address, "7"))).isEqualTo(expected);
    }

    @Test
    void withoutADeviceTheSettingsHold() {
        assertThat(Placement.backend("auto", List.of())).isEqualTo("auto");
        assertThat(Placement.backend("cuda:bf16", List.of())).isEqualTo("cuda:bf16");
    }

    @Test
    void anAddressThatIsNoIndexIsNamed() {
        assertThatThrownBy(() -> Placement.backend("auto", List.of("GPU-5f3a")))
                .isInstanceOf(LotusException.class)
                .hasMessageContaining("\"GPU-5f3a\"")
                .hasMessageContaining("discoveryScript");
    }
}
