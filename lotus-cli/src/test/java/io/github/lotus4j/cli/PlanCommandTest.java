package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.PredictionPlan;
import io.github.lotus4j.weights.DType;
import io.github.lotus4j.weights.SyntheticCheckpoint;
import io.github.lotus4j.weights.SyntheticCheckpoint.Architecture;
import io.github.lotus4j.weights.SyntheticCheckpoint.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of many images before they are predicted. */
class PlanCommandTest {
    @TempDir
    private Path folder;

    private static Ran plan(Object... words) {
        return Ran.of(Stream.concat(Stream.of("plan"), Stream.of(words)).toArray());
    }

    private static JsonNode json(Object... words) throws JsonProcessingException {
        Ran ran = plan(Stream.concat(Stream.of("--json"), Stream.of(words)).toArray());
        assertThat(ran.code()).as(ran.err()).isZero();
        return new ObjectMapper().readTree(ran.out());
    }

    private static List<String> column(JsonNode plan, String name) {
        return StreamSupport.stream(plan.get("settings").spliterator(), false)
                .map(each -> each.get(name).asText())
                .toList();
    }

    private Path checkpoint(String name, Mode mode) throws IOException {
        return SyntheticCheckpoint.write(folder.resolve(name), Architecture.TINY, mode, 1, DType.F16);
    }

    @Test
    void hoursMemoryAndCostByAGivenSpeed() throws IOException {
        JsonNode plan = json(
                "--images",
                10_000_000,
                "--size",
                "72x128",
                "--processing-res",
                "0,64",
                "--machines",
                20,
                "--price",
                1.5,
                "--throughput",
                2,
                "--overhead",
                0.25);
        assertThat(column(plan, "processed_width")).containsExactly("128", "64");
        assertThat(column(plan, "time_is")).containsOnly("calculated");
        JsonNode first = plan.get("settings").get(0);
        PredictionOptions options = PredictionOptions.DEFAULT.withProcessingResolution(0);
        try (Lotus lotus = Lotus.builder().nanoDepth().build()) {
            PredictionPlan expected = lotus.plan(128, 72, options);
            double seconds = 0.25 + expected.work() / 2e9;
            double machineHours = seconds * 10_000_000 / 3600;
            assertThat(first.get("processed_height").asInt()).isEqualTo(72);
            assertThat(first.get("multiply_adds").asLong()).isEqualTo(expected.work());
            assertThat(first.get("seconds_an_image").asDouble()).isCloseTo(seconds, withinPercentage(1e-9));
            assertThat(first.get("images_an_hour").asDouble()).isCloseTo(20 * 3600 / seconds, withinPercentage(1e-9));
            assertThat(first.get("hours").asDouble()).isCloseTo(machineHours / 20, withinPercentage(1e-9));
            assertThat(first.get("cost").asDouble()).isCloseTo(1.5 * machineHours, withinPercentage(1e-9));
            assertThat(first.get("memory_bytes").asLong())
                    .isEqualTo(lotus.weightBytes()
                            + lotus.predictionBytes(128, 72, options)
                            + 250_000_000
                            + 73 * 72 * 128);
            assertThat(first.get("weight_bytes").asLong()).isEqualTo(lotus.weightBytes());
        }
    }

    @Test
    void tableForPeople() {
        Ran ran = plan("--images", 1_000_000, "--size", "576x1024", "--throughput", 50, "--price", 2);
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains(
                        "s/image = passes · 0 + multiply-adds / 50 G",
                        "1,000,000 images of 576×1024 pixels",
                        "1 machine")
                .containsPattern(
                        "predicts +processed +tile +ensemble +s/image +images/h +hours +memory +weights +cost +time is");
        assertThat(ran.out().lines().filter(line -> line.startsWith("depth")).map(line -> line.split(" +", 5)))
                .extracting(cells -> cells[1] + " " + cells[2])
                .containsExactly("72×128 -", "288×512 -", "576×1024 -", "576×1024 512"); // its own, 512, 0
        assertThat(ran.err()).contains("miniature");
        String free =
                plan("--images", 1, "--size", "512x512", "--throughput", 50).out();
        assertThat(free).doesNotContain("cost");
        assertThat(free.lines().filter(line -> line.startsWith("depth"))).hasSize(2); // 0 is 512 again
    }

    /** What is measured differs from call to call; only that it is told is looked at. */
    @Test
    void measuredHere() throws IOException {
        Object[] words = {
            "--images",
            9,
            "--size",
            "36x64",
            "--measure",
            "64,384",
            "--check",
            128,
            "--rounds",
            2,
            "--processing-res",
            "64,96,500"
        };
        JsonNode plan = json(words);
        assertThat(plan.get("measured")).hasSize(2);
        assertThat(plan.get("measured").get(1).get("processed_height").asInt()).isEqualTo(216);
        assertThat(plan.get("measured").get(1).get("seconds").asDouble()).isPositive();
        assertThat(plan.get("checks").get(0).get("seconds_by_formula").asDouble())
                .isPositive();
        assertThat(plan.get("multiply_adds_per_second").asDouble()).isPositive();
        assertThat(plan.get("backend").asText()).contains("CPU");
        assertThat(column(plan, "time_is")).containsExactly("measured", "interpolated", "extrapolated");
        assertThat(plan(words).out())
                .contains("measured on CPU", "checked at other sizes:", "--throughput ")
                .containsPattern("depth at 72×128, 1.47 G multiply-adds: \\S+ s measured, \\S+ by the formula");
    }

    @Test
    void mapsAndMembers() throws IOException {
        Path depth = checkpoint("lotus-depth-g", Mode.G);
        Path normal = checkpoint("lotus-normal-g", Mode.G);
        JsonNode plan = json(
                "--images",
                2,
                "--size",
                "64x64",
                "--processing-res",
                64,
                "--throughput",
                1,
                "--ensemble",
                "1,4",
                "--model",
                depth,
                "--normal-model",
                normal);
        assertThat(column(plan, "predicts")).containsExactly("depth", "depth", "geometry", "geometry");
        assertThat(column(plan, "ensemble")).containsExactly("1", "4", "1", "4");
        List<Long> work =
                column(plan, "multiply_adds").stream().map(Long::valueOf).toList();
        assertThat(work.get(2)).isBetween(work.get(0) + 1, 2 * work.get(0) - 1); // one encoding
        assertThat(work.get(1)).isBetween(work.get(0) + 1, 4 * work.get(0) - 1);
        List<Long> memory =
                column(plan, "memory_bytes").stream().map(Long::valueOf).toList();
        assertThat(memory.get(2)).isGreaterThan(memory.get(0));
        assertThat(column(json("--images", 2, "--size", "64x64", "--throughput", 1, "--model", normal), "predicts"))
                .containsOnly("normal"); // as its name says
        assertThat(column(
                        json("--images", 2, "--size", "64x64", "--throughput", 1, "--predict", "normal,geometry"),
                        "predicts"))
                .startsWith("normal")
                .endsWith("geometry");
    }

    @Test
    void whatDoesNotGoTogetherIsLeftOut() throws IOException {
        Ran some =
                plan("--images", 2, "--size", "64x64", "--throughput", 1, "--ensemble", "1,4", "--processing-res", 32);
        assertThat(some.code()).isZero();
        assertThat(some.err())
                .contains(
                        "note: depth with --processing-res 32 --vae-tile 0 --ensemble 4 is left out: ensemble: found 4");
        assertThat(some.out().lines().filter(line -> line.startsWith("depth"))).hasSize(1);
        Ran none = plan("--images", 2, "--size", "1x8000", "--throughput", 1, "--processing-res", 64);
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.out()).isEmpty();
        assertThat(none.err())
                .contains("8000×1", "lotus: found no setting that goes with the checkpoint and images of 1×8000");
        Ran huge = plan("--images", 2, "--size", "20000x30000", "--throughput", 1);
        assertThat(huge.err()).contains("--processing-res 0 --vae-tile 0", "left out");
        assertThat(huge.out()).contains("341×512");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--size 8x8 | --images",
                "--images 5 | --size",
                "--images 0 --size 8x8 | --images: found 0, expected 1 to",
                "--images many --size 8x8 | many",
                "--images 5 --size 8 | --size: found 8, expected height x width",
                "--images 5 --size 0x8 | found 0x8, which is 0 pixels",
                "--images 5 --size 99999x99999 | expected 1 to 715827882",
                "--images 5 --size 8x8 --machines 0 | --machines: found 0",
                "--images 5 --size 8x8 --price -1 | --price: found -1.0",
                "--images 5 --size 8x8 --throughput 0 | throughput: found 0.0",
                "--images 5 --size 8x8 --throughput 1 --overhead -1 | overhead: found -1.0",
                "--images 5 --size 8x8 --overhead 1 | --overhead goes with --throughput",
                "--images 5 --size 8x8 --throughput 1 --check 64 | --throughput beside --measure or --check",
                "--images 5 --size 8x8 --measure 64,64 | --measure: found [64, 64], expected two",
                "--images 5 --size 8x8 --measure 64,99999 | found 99999, expected 0 to 16384",
                "--images 5 --size 8x8 --rounds 0 | --rounds: found 0, expected 1 to 100",
                "--images 5 --size 8x8 --processing-res 64,-1 | found -1, expected 0 to 16384",
                "--images 5 --size 8x8 --vae-tile -1 | VAE tile: found -1",
                "--images 5 --size 8x8 --ensemble 0 | ensemble: found 0",
                "--images 5 --size 8x8 --predict shape | shape",
                "--images 5 --size 8x8 --normal-model x | --normal-model goes with --model",
                "--images 5 --size 8x8 --model pom.xml --predict geometry | geometry without a --normal-model"
            })
    void wrongCommandLines(String words, String message) {
        Ran ran = plan((Object[]) words.split(" ", -1));
        assertThat(ran.code()).as(ran.err()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).startsWith("lotus: ").contains(message);
    }
}
